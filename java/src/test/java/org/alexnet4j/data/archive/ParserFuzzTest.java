package org.alexnet4j.data.archive;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
      byte[] input = Mutation.of(seeds, n);
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
    byte[] version2 = Mutation.splice(seeds.get(0), 10, new byte[2], 0, 2);
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
    Mutation.edge(file, 0, text.length, 8);
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
