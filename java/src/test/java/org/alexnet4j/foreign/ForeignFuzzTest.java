package org.alexnet4j.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.alexnet4j.data.archive.Mutation;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.foreign.ForeignWriter.Message;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Feeds readers of other frameworks' files with such that were changed at random: each must be read
 * or refused by one line, at once. {@code -Dalexnet.fuzz=1000000} asks for more inputs than a few
 * hundred, {@code -Dalexnet.fuzz.from=500000} for those from there on, {@code
 * -Djava.io.tmpdir=/dev/shm} for a quicker place.
 */
class ForeignFuzzTest {
  private static final int INPUTS = Integer.getInteger("alexnet.fuzz", 500);
  private static final int FROM = Integer.getInteger("alexnet.fuzz.from", 0);
  private static final long MOST_NANOS = 10_000_000_000L;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"pth", "npz", "safetensors", "caffemodel", "onnx", "binaryproto", "prototxt"})
  void readOrRefused(String ending) throws Exception {
    List<byte[]> seeds = seeds(ending);
    Path file = folder.resolve("fuzz." + ending);
    for (byte[] seed : seeds) {
      assertTrue(seed.length < 1 << 16, ending + ": a seed has " + seed.length + " bytes");
    }
    assertTrue(ForeignFuzzTarget.attempt(file, seeds.get(0)), ending);
    int refused = 0;
    for (int n = FROM; n < FROM + INPUTS; n++) {
      byte[] input = Mutation.of(seeds, n);
      long start = System.nanoTime();
      try {
        refused += ForeignFuzzTarget.attempt(file, input) ? 0 : 1;
      } catch (Throwable e) {
        fail(ending + ", input " + n + " (" + input.length + " bytes): " + e, e);
      }
      if (System.nanoTime() - start > MOST_NANOS) {
        fail(ending + ", input " + n + " took more than ten seconds");
      }
    }
    assertTrue(refused > INPUTS / 10, ending + ": " + refused + " refused");
    assertTrue(refused < INPUTS, ending + ": none was read");
    System.out.println(ending + ": " + INPUTS + " inputs, " + refused + " refused");
  }

  private List<byte[]> seeds(String ending) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    switch (ending) {
      case "safetensors" -> seeds.add(safetensors());
      case "prototxt" -> prototxts().forEach(text -> seeds.add(text.getBytes(UTF_8)));
      case "binaryproto" -> {
        Array mean = Array.of(new float[48], 3, 4, 4);
        seeds.add(ForeignWriter.blob(true, mean).toBytes());
        seeds.add(ForeignWriter.blob(false, mean).toBytes());
      }
      default -> seeds.add(Files.readAllBytes(HostileFilesTest.file(folder, ending)));
    }
    switch (ending) {
      case "pth" -> {
        ByteArrayOutputStream before = new ByteArrayOutputStream();
        ForeignWriter.torchPickles(HostileFilesTest.two()).forEach(before::writeBytes);
        seeds.add(before.toByteArray());
      }
      case "npz" -> seeds.add(packed(folder.resolve("file.npz")));
      case "caffemodel" -> {
        for (boolean old : new boolean[] {true, false}) {
          Path net = folder.resolve("seed.caffemodel");
          Map<String, Array> tiny = CaffeTexts.tiny();
          seeds.add(Files.readAllBytes(SmallNetworks.caffeNetFile(net, old, tiny, 1e-4)));
        }
        seeds.add(towers());
      }
      case "onnx" ->
          seeds.add(
              OnnxStructureTest.model(
                  tiny(SmallNetworks.torchvision(1)), OnnxStructureTest.torchvision(), "input"));
      default -> {}
    }
    return seeds;
  }

  private static List<String> prototxts() {
    Map<String, Array> tiny = CaffeTexts.tiny();
    return List.of(
        CaffeTexts.deploy(tiny),
        CaffeTexts.deployV1(tiny),
        CaffeTexts.trainVal(tiny),
        CaffeTexts.trainValV1(tiny, "mean_value: [104, 117, 123] scale: 0.5"));
  }

  /** The names of some tensors, each with one element. */
  private static Map<String, Array> tiny(Map<String, Array> all) {
    Map<String, Array> tiny = new LinkedHashMap<>();
    all.keySet().forEach(name -> tiny.put(name, Array.of(new float[] {1}, 1)));
    return tiny;
  }

  private static byte[] safetensors() {
    String header =
        "{\"__metadata__\":{\"alexnet4j.classes\":\"[\\\"a\\\",\\\"b\\\"]\"},"
            + "\"conv1.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"conv1.bias\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[24,28]}}";
    byte[] text = header.getBytes(UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + 28).order(ByteOrder.LITTLE_ENDIAN);
    return file.putLong(text.length).put(text).array();
  }

  private static byte[] packed(Path file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipFile from = new ZipFile(file.toFile());
        ZipOutputStream to = new ZipOutputStream(out)) {
      for (ZipEntry entry : (Iterable<ZipEntry>) from.stream().map(e -> (ZipEntry) e)::iterator) {
        to.putNextEntry(new ZipEntry(entry.getName()));
        to.write(from.getInputStream(entry).readAllBytes());
        to.closeEntry();
      }
    }
    return out.toByteArray();
  }

  /** The begin of a network whose first normalisation is in two parts. */
  private static byte[] towers() {
    Message net = new Message();
    Message conv = new Message().number(1, 96).number(4, 11).number(6, 4);
    net.message(100, ForeignWriter.caffeLayer(false, "conv1", "Convolution", 4, "d", 106, conv));
    net.message(100, ForeignWriter.caffeLayer(false, "relu1", "ReLU", 18, "conv1", 0, null));
    Message slice = new Message().text(1, "s").text(2, "Slice").text(3, "relu1");
    Message point = new Message().number(2, 48);
    net.message(100, slice.text(4, "a").text(4, "b").message(126, point));
    for (String part : List.of("a", "b")) {
      Message lrn = new Message().number(1, 5).real(2, 5e-4f).real(3, 0.75f).real(5, 2);
      String name = "n" + part;
      net.message(100, ForeignWriter.caffeLayer(false, name, "LRN", 15, part, 118, lrn));
    }
    Message concat = new Message().text(1, "norm1").text(2, "Concat").text(3, "na").text(3, "nb");
    return net.message(100, concat.text(4, "norm1")).toBytes();
  }
}
