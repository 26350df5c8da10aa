package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.foreign.ForeignWriter.Message;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.foreign.file.ForeignTensor;
import org.alexnet4j.io.FormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are cut, damaged or made to do harm: one message with file and place, no more. */
class HostileFilesTest {
  @TempDir Path folder;

  static Map<String, Array> two() {
    Map<String, Array> tensors = new LinkedHashMap<>();
    tensors.put("conv1.weight", Array.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 3, 2, 1));
    tensors.put("conv1.bias", Array.of(new float[] {7}, 1));
    return tensors;
  }

  private Path file(String ending) throws IOException {
    return file(folder, ending);
  }

  static Path file(Path folder, String ending) throws IOException {
    Path file = folder.resolve("file." + ending);
    Map<String, Array> tensors = two();
    switch (ending) {
      case "pth" -> ForeignWriter.torch(file, tensors);
      case "npz" -> npz(file, tensors);
      case "caffemodel" -> {
        Message p = new Message().number(1, 1).number(4, 2);
        Message layer = ForeignWriter.caffeLayer(false, "conv1", "Convolution", 4, "data", 106, p);
        tensors.values().forEach(a -> layer.message(7, ForeignWriter.blob(false, a)));
        Files.write(file, new Message().text(1, "net").message(100, layer).toBytes());
      }
      default -> {
        Message graph = new Message();
        for (Map.Entry<String, Array> entry : tensors.entrySet()) {
          Message tensor = new Message();
          for (long extent : entry.getValue().shape()) {
            tensor.number(1, extent);
          }
          tensor.number(2, 1).text(8, entry.getKey());
          graph.message(5, tensor.bytes(9, ForeignWriter.bytes(entry.getValue().values())));
        }
        Files.write(file, new Message().number(1, 7).message(7, graph).toBytes());
      }
    }
    return file;
  }

  private static void npz(Path file, Map<String, Array> tensors) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, Array> entry : tensors.entrySet()) {
        ForeignWriter.store(zip, entry.getKey() + ".npy", npy(entry.getValue()));
      }
    }
  }

  private static byte[] npy(Array array) {
    String shape = Arrays.toString(array.shape()).replaceAll("[\\[\\]]", "");
    String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + ",), }";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) 118, 0});
    ForeignWriter.ascii(out, text + " ".repeat(117 - text.length()) + "\n");
    out.writeBytes(ForeignWriter.bytes(array.values()));
    return out.toByteArray();
  }

  static int readAll(Path file) throws IOException {
    int values = 0;
    try (ForeignFile open = ForeignFile.open(file)) {
      for (ForeignTensor tensor : open.tensors().values()) {
        values += tensor.floats().length;
      }
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"pth", "npz", "caffemodel", "onnx"})
  void cutAnywhere(String ending) throws Exception {
    Path file = file(ending);
    assertEquals(7, readAll(file));
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      try {
        assertTrue(readAll(file) <= 7);
        assertTrue(ending.equals("onnx") || ending.equals("caffemodel"), "cut to " + length);
      } catch (FormatException e) {
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
      }
    }
  }

  /** Anything may happen but another exception than the one that names file and place. */
  @ParameterizedTest
  @ValueSource(strings = {"pth", "npz", "caffemodel", "onnx"})
  void damagedAnywhere(String ending) throws Exception {
    Path file = file(ending);
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(1);
    int refused = 0;
    for (int trial = 0; trial < 3000; trial++) {
      byte[] damaged = whole.clone();
      for (int flips = random.nextInt(3); flips >= 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      try {
        readAll(file);
      } catch (FormatException e) {
        refused++;
      }
    }
    assertTrue(refused > 100, "refused " + refused);
  }

  /** Messages inside of messages, each of two bytes: no nesting fills Java's stack. */
  @ParameterizedTest
  @ValueSource(strings = {"caffemodel", "onnx"})
  void nestedGroups(String ending) throws Exception {
    byte[] groups = new byte[1_000_000];
    Arrays.fill(groups, (byte) 0x1b); // field 3 begins a group
    Path file = Files.write(folder.resolve("deep." + ending), groups);
    assertMessage(file, "is no protobuf message, damaged or cut off");
  }

  private void assertPickleRefused(String message, byte[] pickle) throws IOException {
    Path file = ForeignWriter.torch(folder.resolve("p.pth"), pickle, two());
    FormatException e = assertThrows(FormatException.class, () -> readAll(file));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().contains("data.pkl, byte "), e.getMessage());
  }

  private static byte[] raw(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void nothingIsExecuted() throws Exception {
    assertPickleRefused(
        "names posix.system, which is not on the list",
        raw("\u0080\2cposix\nsystem\n(X\1\0\0\0atR."));
    assertPickleRefused("names builtins.eval", raw("\u0080\2cbuiltins\neval\n(X\1\0\0\0atR."));
    assertPickleRefused("operation 0x69 (INST)", raw("\u0080\2(iposix\nsystem\n."));
    assertPickleRefused(
        "operation 0x81 (NEWOBJ)", raw("\u0080\2ccollections\nOrderedDict\n)\u0081."));
    assertPickleRefused("names torch.load", raw("\u0080\4\u008c\5torch\u008c\4load\u0093."));
  }

  @Test
  void picklesThatLie() throws Exception {
    assertPickleRefused("protocol 0", raw("\u0080\0}."));
    assertPickleRefused("finds no operand", raw("\u0080\2."));
    assertPickleRefused("finds no mark", raw("\u0080\2t."));
    assertPickleRefused("was never kept", raw("\u0080\2h\7."));
    assertPickleRefused("ends inside of an operation", raw("\u0080\2X\377"));
    assertPickleRefused("a text claims 4294967295 bytes", raw("\u0080\2X\377\377\377\377."));
    assertPickleRefused("operand of another kind", raw("\u0080\2K\1K\1K\1s."));
    assertPickleRefused("ends with objects that", raw("\u0080\2K\1K\1."));
    assertPickleRefused("ends before its file does", raw("\u0080\2K\1.K\1"));
    byte[] tensors = ForeignWriter.pickle(two());
    // The extent 3 of the first tensor becomes 4: its last element lies outside of the storage.
    int at = new String(tensors, StandardCharsets.ISO_8859_1).indexOf("J\1\0\0\0J\3\0\0\0") + 6;
    byte[] grown = tensors.clone();
    grown[at] = 4;
    assertPickleRefused("leaves its storage of 6 elements", grown);
    byte[] negative = tensors.clone();
    Arrays.fill(negative, at, at + 4, (byte) 255);
    assertPickleRefused("a tensor has the size [1, -1, 2, 1]", negative);
  }

  /**
   * Numbers whose products and sums leave 64 bits, so that a limit compared with them holds
   * nothing.
   */
  @Test
  void numbersThatOverflow() throws Exception {
    String tensors = new String(ForeignWriter.pickle(two()), StandardCharsets.ISO_8859_1);
    String count = "J\6\0\0\0";
    assertTrue(tensors.contains(count));
    for (String wide : new String[] {"\6\0\0\0\0\0\0\40", "\377\377\377\377\377\377\377\377"}) {
      assertPickleRefused(
          "the elements of a storage would be ", raw(tensors.replace(count, "\u008a\10" + wide)));
    }
    String offset = "QJ\0\0\0\0";
    assertTrue(tensors.contains(offset));
    assertPickleRefused(
        "the offset of a tensor would be 9223372036854775807",
        raw(tensors.replace(offset, "Q\u008a\10\377\377\377\377\377\377\377\177")));
  }

  @Test
  void archivesThatLie() throws Exception {
    Path file = folder.resolve("z.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      ForeignWriter.store(zip, "../evil.npy", npy(two().get("conv1.bias")));
    }
    assertMessage(file, "member ../evil.npy: leads out of the archive");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("a.npy")); // packed a thousand times: its header promises less
      zip.write(npy(two().get("conv1.bias")));
      zip.write(new byte[50_000_000]);
    }
    assertMessage(file, "has 4 bytes, the file has 50000004");
    Path torch = folder.resolve("z.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(torch))) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(ForeignWriter.pickle(two()));
    }
    assertMessage(torch, "member archive/data.pkl: is packed by method 8; allowed: stored");
    Map<String, Array> shorter = two();
    shorter.put("conv1.weight", Array.of(new float[] {1, 2, 3}, 3));
    ForeignWriter.torch(torch, ForeignWriter.pickle(two()), shorter);
    assertMessage(torch, "member archive/data/0: has 12 bytes, 6 elements of conv1.weight need 24");
  }

  /**
   * Names, comments of members and of the archive that are no UTF-8, wherever Java looks at them.
   */
  @ParameterizedTest
  @CsvSource({"pth, name", "pth, comment", "npz, name", "npz, comment"})
  void textsOfArchivesThatAreNone(String ending, String which) throws Exception {
    boolean name = which.equals("name");
    Path file = folder.resolve("t." + ending);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      boolean pickle = ending.equals("pth");
      String plain = pickle ? "archive/data.pkl" : "a.npy";
      ZipEntry entry = new ZipEntry(name ? "\u00e9" + plain : plain);
      entry.setComment(name ? null : "\u00e9");
      zip.putNextEntry(entry);
      zip.write(pickle ? ForeignWriter.pickle(two()) : npy(two().get("conv1.bias")));
    }
    String whole = Files.readString(file, StandardCharsets.ISO_8859_1);
    String broken = whole.replace("\u00c3\u00a9", "\u00c3A");
    Files.writeString(file, broken, StandardCharsets.ISO_8859_1);
    assertMessage(file, "ZIP directory: cannot be read (");
  }

  private static void assertMessage(Path file, String part) {
    FormatException e = assertThrows(FormatException.class, () -> readAll(file));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void messagesThatLie() throws Exception {
    Path file = folder.resolve("m.onnx");
    Message tensor =
        new Message().number(1, 1L << 40).number(2, 1).text(8, "w").bytes(9, new byte[4]);
    Files.write(file, new Message().message(7, new Message().message(5, tensor)).toBytes());
    assertMessage(file, "tensor w, byte");
    Message negative = new Message().number(1, -1).number(2, 1).text(8, "w").bytes(9, new byte[4]);
    Files.write(file, new Message().message(7, new Message().message(5, negative)).toBytes());
    assertMessage(file, "is [-1] with 4 bytes");
    Message elsewhere =
        new Message().number(1, 1).number(2, 1).text(8, "w").text(13, "/etc/passwd");
    Files.write(file, new Message().message(7, new Message().message(5, elsewhere)).toBytes());
    assertMessage(file, "has its elements in another file; allowed: in this one");
    Files.write(file, new Message().varint(7 << 3 | 2).varint(-1).toBytes());
    assertMessage(file, "is no protobuf message, damaged or cut off");
  }

  /** A value that is no number is named by the foreign tensor, and no run folder stays. */
  @Test
  void valuesThatAreNoNumbers() throws Exception {
    Map<String, Array> weights = SmallNetworks.torchvision(30);
    weights.get("features.6.weight").values()[5] = Float.NaN;
    Path file = ForeignWriter.torch(folder.resolve("n.pth"), weights);
    Path run = folder.resolve("run");
    Cli cli = Cli.run("import", file.toString(), "--out", run.toString());
    assertEquals(5, cli.code(), cli.err());
    assertTrue(cli.err().contains("tensor features.6.weight[5]: is NaN"), cli.err());
    assertTrue(Files.notExists(run));
  }

  @ParameterizedTest
  @CsvSource({"a.bin, has no ending that is known", "none.pth, no such file or folder"})
  void theCommandSaysItInOneLine(String name, String part) throws Exception {
    Path file = folder.resolve(name);
    if (!name.startsWith("none")) {
      Files.writeString(file, "no weights");
    }
    Cli cli = Cli.run("import", file.toString(), "--out", folder.resolve("run").toString());
    assertEquals(5, cli.code(), cli.err());
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().contains(part), cli.err());
    assertFalse(cli.err().contains("Exception"), cli.err());
    assertTrue(Files.notExists(folder.resolve("run")));
  }
}
