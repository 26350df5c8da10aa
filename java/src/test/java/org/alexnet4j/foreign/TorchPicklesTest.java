package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.alexnet4j.eval.Views;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.io.FormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What PyTorch wrote before version 1.6: pickles in a row, then the storages. */
class TorchPicklesTest {
  private static final String PYTHON = System.getProperty("alexnet.python", "python3");

  /** What the writer of PyTorch 1.5 does, with stand-ins for its classes and Python's pickle. */
  private static final String WRITER =
      """
      import collections, pickle, struct, sys, types
      torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
      torch._utils = utils
      sys.modules.update({"torch": torch, "torch._utils": utils})
      storages = {}
      class FloatStorage:
          def __init__(self, key, values): self.key, self.values = key, values
      FloatStorage.__module__, torch.FloatStorage = "torch", FloatStorage
      def _rebuild_tensor_v2(*all): pass
      _rebuild_tensor_v2.__module__, utils._rebuild_tensor_v2 = "torch._utils", _rebuild_tensor_v2
      class Tensor:
          def __init__(self, storage, offset, size, stride):
              self.arguments = storage, offset, size, stride, False, collections.OrderedDict()
          def __reduce_ex__(self, protocol): return _rebuild_tensor_v2, self.arguments
      class Writer(pickle.Pickler):
          def persistent_id(self, value):
              if isinstance(value, FloatStorage):
                  storages[value.key] = value
                  return ("storage", FloatStorage, value.key, "cpu", len(value.values), None)
      shared = FloatStorage("93824992", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
      state = collections.OrderedDict()
      state["turned"] = Tensor(shared, 1, (3, 2), (1, 3))
      state["bias"] = Tensor(FloatStorage("20", [7.5]), 0, (1,), (1,))
      state["view"] = Tensor(shared, 5, (2,), (1,))
      state._metadata = collections.OrderedDict([("", {"version": 1})])
      protocol = int(sys.argv[2])
      with open(sys.argv[1], "wb") as out:
          pickle.dump(0x1950A86A20F9469CFC6C, out, protocol)
          pickle.dump(1001, out, protocol)
          sizes = {"short": 2, "int": 4, "long": 4}
          machine = {"protocol_version": 1001, "little_endian": True, "type_sizes": sizes}
          pickle.dump(machine, out, protocol)
          Writer(out, protocol).dump(state)
          pickle.dump(sorted(storages), out, protocol)
          for key in sorted(storages):
              values = storages[key].values
              out.write(struct.pack(f"<q{len(values)}f", len(values), *values))
      """;

  @TempDir Path folder;

  private static boolean hasPython() throws InterruptedException {
    try {
      return new ProcessBuilder(PYTHON, "-c", "import pickle").start().waitFor() == 0;
    } catch (IOException e) {
      return false; // the tests are shown as skipped
    }
  }

  /** Views, storages that two tensors share and keys in another order, by Python's own pickles. */
  @ParameterizedTest
  @CsvSource({"2", "3", "4", "5"})
  void pythonsPickles(int protocol) throws Exception {
    assumeTrue(hasPython(), "no Python");
    Path file = folder.resolve("old.pth");
    Process python =
        new ProcessBuilder(PYTHON, "-c", WRITER, file.toString(), String.valueOf(protocol))
            .inheritIO()
            .start();
    assertEquals(0, python.waitFor());
    try (ForeignFile open = ForeignFile.open(file)) {
      assertEquals("[turned, bias, view]", open.tensors().keySet().toString());
      assertArrayEquals(new float[] {7.5f}, open.tensors().get("bias").floats());
      assertArrayEquals(new float[] {5, 6}, open.tensors().get("view").floats());
      assertEquals(List.of(3L, 2L), open.tensors().get("turned").shape());
      assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, open.tensors().get("turned").floats());
    }
  }

  /** The whole way of torchvision's first file, which has this form. */
  @Test
  void predictsAsTheFileOfToday() throws Exception {
    Map<String, Array> weights = SmallNetworks.torchvision(40);
    Path today = ForeignWriter.torch(folder.resolve("today.pth"), weights);
    Path before =
        ForeignWriter.write(folder.resolve("before.pth"), ForeignWriter.torchPickles(weights));
    List<List<Predictor.Guess>> guesses = new ArrayList<>();
    for (Path file : List.of(today, before)) {
      Path run = folder.resolve("run-" + file.getFileName());
      Cli cli = Cli.run("import", file.toString(), "--out", run.toString());
      assertEquals(0, cli.code(), cli.err());
      try (Network network = Network.open(run)) {
        guesses.add(network.predictor(Views.CENTRE).predict(SmallNetworks.picture(4)));
      }
    }
    assertEquals(guesses.get(0), guesses.get(1));
  }

  private void assertRefused(String message, List<byte[]> pieces) throws Exception {
    Path file = ForeignWriter.write(folder.resolve("bad.pth"), pieces);
    FormatException e =
        assertThrows(FormatException.class, () -> HostileFilesTest.readAll(file), message);
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  private static byte[] raw(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private List<byte[]> with(int piece, String from, String to) {
    List<byte[]> pieces = ForeignWriter.torchPickles(HostileFilesTest.two());
    String text = new String(pieces.get(piece), StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(from), text);
    pieces.set(piece, raw(text.replace(from, to)));
    return pieces;
  }

  @Test
  void cutAnywhere() throws Exception {
    Path file =
        ForeignWriter.write(
            folder.resolve("whole.pth"), ForeignWriter.torchPickles(HostileFilesTest.two()));
    assertEquals(7, HostileFilesTest.readAll(file));
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertRefused("", List.of(cut));
    }
    assertRefused(
        "storage 1: claims 4 bytes; the file has 3 more",
        List.of(Arrays.copyOf(whole, whole.length - 1)));
    assertRefused(
        "storage 1: is missing; the file was cut off",
        List.of(Arrays.copyOf(whole, whole.length - 5)));
  }

  @Test
  void hostileFiles() throws Exception {
    assertRefused("byte 0: is neither a ZIP archive nor", with(0, "\u006a", "k"));
    assertRefused("byte 0: is neither a ZIP archive nor", List.of(raw("\u0080\2.")));
    assertRefused("protocol_version: is another one; allowed: 1001", with(1, "\u00e9", "\u00e8"));
    assertRefused("little_endian: is not True", with(2, "\u0088", "\u0089"));
    assertRefused(
        "the pickle, byte 88: names posix.system, which is not on the list",
        with(3, "collections\nOrderedDict", "posix\nsystem"));
    assertRefused("names torch.load", with(4, "]", "ctorch\nload\n]"));
    assertRefused("operation 0x81 (NEWOBJ)", with(3, "q\0)R", "q\0)\u0081"));
    assertRefused("a storage is described in another way", with(3, "NtQ", "\u0088tQ"));
    assertRefused("the keys: are no list of texts", with(4, "](X", "](NX"));
    assertRefused("storage 7: is of no tensor", with(4, "X\1\0\0\0001", "X\1\0\0\0007"));
    assertRefused("storage 0: comes twice", with(4, "X\1\0\0\0001", "X\1\0\0\0000"));
    assertRefused("storage 1: is missing in the list of keys", withoutLastStorage());
    assertRefused(
        "storage 0: has 2147483647 elements", with(5, "\6\0\0\0\0", "\377\377\377\177\0"));
    List<byte[]> both = with(5, "\6\0\0\0\0", "\377\377\377\017\0");
    String state = new String(both.get(3), StandardCharsets.ISO_8859_1);
    both.set(3, raw(state.replace("J\6\0\0\0NtQ", "J\377\377\377\017NtQ")));
    assertRefused("storage 0: claims 1073741820 bytes; the file has ", both);
    List<byte[]> more = ForeignWriter.torchPickles(HostileFilesTest.two());
    more.add(new byte[3]);
    assertRefused("3 bytes are of no storage", more);
    Map<String, Array> tensors = HostileFilesTest.two();
    List<byte[]> shared = ForeignWriter.torchPickles(tensors);
    String twice = new String(shared.get(3), StandardCharsets.ISO_8859_1);
    shared.set(3, raw(twice.replace("X\1\0\0\0001", "X\1\0\0\0000")));
    assertRefused("storage 0: is described in two ways", shared);
  }

  private static List<byte[]> withoutLastStorage() {
    List<byte[]> pieces = ForeignWriter.torchPickles(HostileFilesTest.two());
    pieces.remove(6);
    pieces.set(4, raw("\u0080\2](X\1\0\0\0000e."));
    return pieces;
  }

  /** A list that is kept and gone through once more for each of many objects. */
  @Test
  void fewBytesDoNotBecomeMuchWork() throws Exception {
    StringBuilder pickle = new StringBuilder("\u0080\2](");
    for (int i = 0; i < 20_000; i++) {
      pickle.append("U\5").append(String.format(Locale.ROOT, "%05d", i)).append("N\u0086");
    }
    pickle.append("eq\0(");
    for (int i = 0; i < 100_000; i++) {
      pickle.append("ccollections\nOrderedDict\nh\0\u0085R");
    }
    pickle.append("t.");
    List<byte[]> pieces = ForeignWriter.torchPickles(HostileFilesTest.two());
    pieces.set(3, raw(pickle.toString()));
    assertRefused("has over 1000000 objects", pieces);
    String wide = "ctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nFloatStorage\n";
    String axes = "X\1\0\0\0000X\3\0\0\0cpuK\6NtQK\0(" + "K\1".repeat(50_000) + "tq\0h\0tR.";
    pieces.set(3, raw("\u0080\2" + wide + axes));
    assertRefused("a tensor has 50000 axes; allowed: 8", pieces);
    String state =
        new String(
            ForeignWriter.torchPickles(HostileFilesTest.two()).get(3), StandardCharsets.ISO_8859_1);
    String shape = "(J\1\0\0\0J\3\0\0\0J\2\0\0\0J\1\0\0\0t(J\6\0\0\0J\2\0\0\0";
    assertTrue(state.contains(shape));
    String expanded = "(J\4\0\0\0J\3\0\0\0J\2\0\0\0J\1\0\0\0t(J\0\0\0\0J\2\0\0\0";
    pieces.set(3, raw(state.replace(shape, expanded)));
    assertRefused("a tensor of 24 elements in a storage of 6", pieces);
  }
}
