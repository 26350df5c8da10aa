package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.io.Safetensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Integers with a binary point, and networks that end at a layer. */
class FractionBitsTest {
  @TempDir Path folder;

  private static void write(Path file, DType type, long[] values, long... shape) throws Exception {
    try (NpyWriter writer = NpyWriter.create(file, type, shape)) {
      ByteBuffer bytes =
          ByteBuffer.allocate(type.bytes() * values.length).order(ByteOrder.LITTLE_ENDIAN);
      for (long value : values) {
        for (int i = 0; i < type.bytes(); i++) {
          bytes.put((byte) (value >> 8 * i));
        }
      }
      writer.write(bytes.flip());
      writer.commit();
    }
  }

  /** conv1 of CaffeNet with few maps: weights of 8 bits, biases of another kind. */
  private Path arrays(DType biases) throws Exception {
    Path arrays = Files.createDirectories(folder.resolve("arrays"));
    long[] w = new long[16 * 3 * 11 * 11];
    for (int i = 0; i < w.length; i++) {
      w[i] = i % 255 - 127;
    }
    write(arrays.resolve("conv1_w.npy"), DType.INT8, w, 16, 3, 11, 11);
    long[] b = new long[16];
    for (int i = 0; i < b.length; i++) {
      b[i] = biases == DType.INT32 ? (i - 8L) << 21 : biases == DType.UINT8 ? 200 + i : 3 * i - 20;
    }
    write(arrays.resolve("conv1_b.npy"), biases, b, 16);
    return arrays;
  }

  private Cli take(String up, String out, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("import", folder + "/arrays", "--preset", "caffenet", "--channels", "rgb"));
    words.addAll(List.of("--up-to", up, "--out", folder.resolve(out) + ""));
    words.addAll(List.of(more));
    return Cli.run(words.toArray(String[]::new));
  }

  /** The formula: integer / 2^bits, exactly; a negative number of bits multiplies. */
  @Test
  void integersWithABinaryPoint() throws Exception {
    arrays(DType.INT16);
    Cli cli = take("relu1", "a.safetensors", "--fraction-bits", "conv1_w=7,conv1_b=-3");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("INT8 / 2^7 widened"), cli.out());
    try (Safetensors out = Safetensors.open(folder.resolve("a.safetensors"))) {
      for (int i = 0; i < 1000; i++) {
        assertEquals((i % 255 - 127) / 128f, out.floats("conv1.weight").get(i));
      }
      for (int i = 0; i < 16; i++) {
        assertEquals((3 * i - 20) * 8f, out.floats("conv1.bias").get(i));
      }
    }
    arrays(DType.UINT8);
    assertEquals(
        0, take("relu1", "b.safetensors", "--fraction-bits", "conv1_w=7,conv1_b=0").code());
    try (Safetensors out = Safetensors.open(folder.resolve("b.safetensors"))) {
      assertEquals(215f, out.floats("conv1.bias").get(15));
    }
    arrays(DType.INT32); // to 2^24 in size, the last that is exact
    Cli wide = take("relu1", "c.safetensors", "--fraction-bits", "conv1_w=7,conv1_b=24");
    assertEquals(0, wide.code(), wide.err());
  }

  private void assertRefused(int code, String why, String... more) {
    Cli cli = take("relu1", "no.safetensors", more);
    assertEquals(code, cli.code(), cli.err());
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().contains(why), cli.err());
    assertTrue(Files.notExists(folder.resolve("no.safetensors")));
  }

  @Test
  void whatIsNoIntegerOrNotExact() throws Exception {
    Path arrays = arrays(DType.INT32);
    assertRefused(5, "tensor conv1_w: is INT8; allowed: floats of 32 or 16 bits");
    assertRefused(5, "tensor conv9_w: is not there; there are", "--fraction-bits", "conv9_w=1");
    for (String bits : List.of("conv1_w=31", "conv1_w=-31", "conv1_w=x", "conv1_w", "conv1_w=")) {
      Cli cli = take("relu1", "no.safetensors", "--fraction-bits", bits);
      assertEquals(2, cli.code(), bits + cli.err());
      assertTrue(cli.err().contains("--fraction-bits"), cli.err());
    }
    long[] b = new long[16];
    b[3] = (1 << 24) + 1;
    write(arrays.resolve("conv1_b.npy"), DType.INT32, b, 16);
    assertRefused(
        5,
        "tensor conv1_b[3]: is 16777217; allowed: -2^24 to 2^24",
        "--fraction-bits",
        "conv1_w=7,conv1_b=2");
    NpyWriter.writeFloats(arrays.resolve("conv1_b.npy"), new float[16], 16);
    assertRefused(
        5,
        "tensor conv1_b: is FLOAT32; allowed with fraction bits",
        "--fraction-bits",
        "conv1_b=1");
  }

  /** A network that ends at a layer gives features, and tells no classes. */
  @Test
  void aRunOfTheFirstLayers() throws Exception {
    Map<String, Array> all = SmallNetworks.caffeNet(51);
    Path file = SmallNetworks.caffeNetFile(folder.resolve("c.caffemodel"), false, all, 1e-4);
    Path cut = folder.resolve("cut");
    Cli cli = Cli.run("import", file + "", "--up-to", "norm2", "--out", cut + "");
    assertEquals(0, cli.code(), cli.err());
    Path whole = folder.resolve("whole");
    assertEquals(0, Cli.run("import", file + "", "--out", whole + "").code());
    String[] rows = new String[2];
    for (int i = 0; i < 2; i++) {
      Path npy = folder.resolve(i + ".npy");
      String run = (i == 0 ? cut : whole) + "";
      Cli features =
          Cli.run(
              ("features " + run + " --data synthetic:train=8,test=3 --layer lrn2 --out " + npy)
                  .split(" "));
      assertEquals(0, features.code(), features.err());
      rows[i] = HexFormat.of().formatHex(Files.readAllBytes(npy));
    }
    assertEquals(rows[1], rows[0]);
    Path image = SmallNetworks.save(SmallNetworks.picture(1), folder.resolve("i.png"));
    Cli predict = Cli.run("predict", cut + "", image + "");
    assertEquals(2, predict.code(), predict.err());
    assertTrue(predict.err().contains("are the first layers of a network"), predict.err());
    for (Path run : List.of(cut, whole)) {
      Cli report = Cli.run("report", run + "", "--image", image + "", "--layer", "norm1");
      assertEquals(0, report.code(), report.err());
      assertTrue(Files.readString(run.resolve("maps.json")).contains("\"name\":\"lrn1\""));
    }
    Cli eval = Cli.run("eval", cut + "", "--data", "synthetic:train=8,test=3");
    assertTrue(eval.code() != 0 && eval.err().lines().count() >= 1, eval.out());
    Cli behind =
        Cli.run(
            ("features " + cut + " --data synthetic:train=8,test=3 --layer conv3 --out x.npy")
                .split(" "));
    assertEquals(2, behind.code(), behind.err());
    assertTrue(behind.err().contains("no layer 'conv3'"), behind.err());
    for (String last : List.of("fc8", "softmax")) {
      Cli end = Cli.run("import", file + "", "--up-to", last, "--out", folder.resolve("r") + "");
      assertEquals(2, end.code(), end.err());
      assertTrue(
          end.err().contains("--up-to is " + last + "; allowed: a layer before fc8"), end.err());
      assertTrue(Files.notExists(folder.resolve("r")));
    }
    Path names = Files.writeString(folder.resolve("names"), "a\nb\n");
    Cli named =
        Cli.run(
            "import", file + "", "--up-to", "lrn2", "--out", folder + "/r", "--names", names + "");
    assertEquals(2, named.code(), named.err());
  }
}
