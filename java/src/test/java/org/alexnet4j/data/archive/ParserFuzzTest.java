package org.alexnet4j.data.archive;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alexnet4j.data.Draws;
import org.alexnet4j.data.TarWriter;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.NpyWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Feeds readers with files that were changed at random: each must be read or refused by the
 * reader's own exception, at once. Input n is a pure function of n, so a failure can be repeated;
 * {@code -Dalexnet.fuzz=1000000} asks for more inputs than the usual two thousand.
 */
class ParserFuzzTest {
  private static final int INPUTS = Integer.getInteger("alexnet.fuzz", 2000);
  private static final long MOST_NANOS = 5_000_000_000L;
  private static final int MOST_BYTES = 1 << 16;

  /** Values at which sizes and counts change their meaning. */
  private static final long[] EDGES = {
    0,
    1,
    -1,
    127,
    128,
    255,
    256,
    0x7fff,
    0xffff,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  /** What a campaign with Jazzer kept: one input for each way through a reader. */
  private static final Path CORPUS = Path.of("../test-data/fuzz");

  @TempDir Path dir;

  private void fuzz(String name, List<byte[]> written) throws IOException {
    FuzzTarget.Reader reader = FuzzTarget.reader(name, dir.resolve("fuzz." + name));
    List<byte[]> seeds = new ArrayList<>(written);
    try (Stream<Path> corpus = Files.list(CORPUS.resolve(name))) {
      for (Path file : corpus.sorted().toList()) {
        seeds.add(Files.readAllBytes(file));
        FuzzTarget.attempt(reader, Files.readAllBytes(file));
      }
    }
    int refused = 0;
    for (int n = 0; n < INPUTS; n++) {
      byte[] input = mutate(seeds, n);
      long start = System.nanoTime();
      try {
        refused += FuzzTarget.attempt(reader, input) ? 0 : 1;
      } catch (Throwable e) {
        fail(name + ", input " + n + " (" + input.length + " bytes): " + e, e);
      }
      if (System.nanoTime() - start > MOST_NANOS) {
        fail(name + ", input " + n + " took more than five seconds");
      }
    }
    assertTrue(refused > INPUTS / 10, name + ": " + refused + " refused");
    assertTrue(refused < INPUTS, name + ": none was read");
    System.out.println(name + ": " + INPUTS + " inputs, " + refused + " refused");
  }

  private static byte[] mutate(List<byte[]> seeds, int n) {
    Draws random = new Draws(2012, 1, n);
    byte[] input = seeds.get(random.below(seeds.size())).clone();
    int changes = random.below(6);
    for (int i = 0; i < changes && input.length > 0; i++) {
      int reach = random.below(3) > 0 ? Math.min(600, input.length) : input.length;
      int at = random.below(reach);
      switch (random.below(8)) {
        case 0 -> input[at] ^= (byte) (1 << random.below(8));
        case 1 -> input[at] = (byte) random.bits();
        case 2 -> input = Arrays.copyOf(input, at);
        case 3 -> input = splice(input, at, input, random.below(input.length), random.below(40));
        case 4 -> {
          byte[] other = seeds.get(random.below(seeds.size()));
          input = splice(input, at, other, random.below(other.length), random.below(200));
        }
        case 5 -> edge(input, at, EDGES[random.below(EDGES.length)], 1 << random.below(4));
        case 6 -> input = without(input, at, random.below(40));
        default -> digit(input, at, random);
      }
    }
    return input.length > MOST_BYTES ? Arrays.copyOf(input, MOST_BYTES) : input;
  }

  private static byte[] splice(byte[] into, int at, byte[] from, int start, int count) {
    int length = Math.min(count, from.length - start);
    byte[] longer = new byte[into.length + length];
    System.arraycopy(into, 0, longer, 0, at);
    System.arraycopy(from, start, longer, at, length);
    System.arraycopy(into, at, longer, at + length, into.length - at);
    return longer;
  }

  private static byte[] without(byte[] input, int at, int count) {
    int length = Math.min(count, input.length - at);
    byte[] shorter = new byte[input.length - length];
    System.arraycopy(input, 0, shorter, 0, at);
    System.arraycopy(input, at + length, shorter, at, shorter.length - at);
    return shorter;
  }

  private static void edge(byte[] input, int at, long value, int bytes) {
    for (int i = 0; i < bytes && at + i < input.length; i++) {
      input[at + i] = (byte) (value >> 8 * i);
    }
  }

  /** Changes the next digit in a text, so that numbers and not words change. */
  private static void digit(byte[] input, int at, Draws random) {
    for (int i = at; i < input.length; i++) {
      if (input[i] >= '0' && input[i] <= '9') {
        input[i] = (byte) ("0123456789-e.x".charAt(random.below(14)));
        return;
      }
    }
  }

  @Test
  void tarArchives() throws IOException {
    byte[] png = {1, 2, 3, 4};
    String deep = "x".repeat(120);
    List<byte[]> seeds =
        List.of(
            new TarWriter().file("a/b.png", png).folder("c").file("c/d.png", png).bytes(),
            new TarWriter().paxFile("train/" + deep, png).gnuFile("val/" + deep, png).bytes(),
            new TarWriter().file("n.tar", new TarWriter().file("e", png).bytes()).bytes());
    fuzz("tar", seeds);
  }

  @Test
  void zipArchives() throws IOException {
    fuzz("zip", List.of(ArchivesTest.zip("a/b.png", "c/d.png"), ArchivesTest.zip("e.png")));
  }

  @Test
  void numPyFiles() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    Path file = dir.resolve("seed.npy");
    NpyWriter.writeFloats(file, new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    seeds.add(Files.readAllBytes(file));
    try (NpyWriter writer = NpyWriter.create(file, DType.INT64)) {
      writer.write(ByteBuffer.allocate(8));
      writer.commit();
    }
    seeds.add(Files.readAllBytes(file));
    byte[] version2 = splice(seeds.get(0), 10, new byte[2], 0, 2);
    version2[6] = 2;
    seeds.add(version2);
    fuzz("npy", seeds);
  }

  @Test
  void safetensorsFiles() throws IOException {
    String one =
        "{\"__metadata__\":{\"format\":\"pt\",\"step\":\"7\"},"
            + "\"conv1.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"conv1.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]}}";
    List<byte[]> seeds = List.of(safetensors(one, 32), safetensors("{}", 0));
    fuzz("safetensors", seeds);
  }

  private static byte[] safetensors(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    byte[] file = new byte[8 + text.length + dataBytes];
    edge(file, 0, text.length, 8);
    System.arraycopy(text, 0, file, 8, text.length);
    return file;
  }

  @Test
  void configurations() throws IOException {
    String small =
        """
        extends: paper-2012
        network:
          width: 0.25
          layers:
            norm1: off
            fc6: {type: fc, units: 64, sigma: 0.01, bias: 1, decay: 0.0005}
        training:
          batch: 32
          drops: [1, 2, 3]
        """;
    String preset =
        """
        name: tiny
        network:
          towers: 2
          input: 24
          source: 32
          layers:
            conv1: {type: conv, maps: 8, kernel: 5, stride: 1, sigma: 0.01, bias: 0, decay: 0.0005}
            pool1: {type: pool, size: 3, stride: 2}
            fc8: {type: fc, units: 10, towers: first, sigma: 0.01, bias: 0, decay: 0}
            softmax: {type: softmax}
        training: {batch: 8, epochs: 1, rate: 0.01, momentum: 0.9, drops: []}
        augmentation: {crop: random, flip: true, chunk: 32, colourNoise: off}
        """;
    List<byte[]> seeds =
        List.of(
            small.getBytes(StandardCharsets.UTF_8),
            preset.getBytes(StandardCharsets.UTF_8),
            "a: &a [*a, *a]\nb: !!int 3\n? c\n: |\n  d\n".getBytes(StandardCharsets.UTF_8));
    fuzz("yaml", seeds);
  }
}
