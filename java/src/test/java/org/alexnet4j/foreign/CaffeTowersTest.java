package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.foreign.ForeignWriter.Message;
import org.alexnet4j.foreign.file.CaffeLayer;
import org.alexnet4j.foreign.file.ForeignFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Normalisation inside of towers, which Caffe has as a Slice, an LRN for each part, a Concat. */
class CaffeTowersTest {
  /** What the presets' networks are taken for unless a difference is looked for. */
  private static final String SAME = "network.mean=channel";

  @TempDir Path folder;

  private Path export(String preset) throws Exception {
    Path start =
        RoundTripTest.checkpoint(
            folder.resolve("s.safetensors"),
            preset,
            0.1,
            "network.input=227",
            "network.mean=channel");
    Path model = folder.resolve("m.caffemodel");
    Cli cli = Cli.run("export", "--weights", start + "", "--to", "caffe", "--out", model + "");
    assertEquals(0, cli.code(), cli.err());
    return model;
  }

  private Cli take(Path model, String preset, String setting) {
    Path back = folder.resolve("back.safetensors");
    String input = "network.input=227";
    return Cli.run(
        "import",
        model + "",
        "--preset",
        preset,
        "--set",
        input,
        "--set",
        setting,
        "--out",
        back + "");
  }

  private static String describe(CaffeLayer layer) {
    Map<String, Double> numbers =
        layer.numbers().entrySet().stream()
            .collect(
                Collectors.toMap(Map.Entry::getKey, e -> Math.round(e.getValue() * 1e8) / 1e8));
    return layer.type() + layer.bottoms() + layer.tops() + new TreeMap<>(numbers);
  }

  /** The formula: Caffe divides alpha, here 5e-4, by the size 5; each part has its own windows. */
  @Test
  void layersOfATower() throws Exception {
    try (ForeignFile file = ForeignFile.open(export("paper-2012"))) {
      List<String> norms =
          file.layers().stream()
              .filter(layer -> layer.name().startsWith("norm1"))
              .map(CaffeTowersTest::describe)
              .toList();
      String constants = "{alpha=5.0E-4, beta=0.75, k=2.0, local_size=5.0}";
      assertEquals(
          List.of(
              "Slice[relu1][norm1.in.a, norm1.in.b]{}",
              "LRN[norm1.in.a][norm1.a]" + constants,
              "LRN[norm1.in.b][norm1.b]" + constants,
              "Concat[norm1.a, norm1.b][norm1]{}"),
          norms);
    }
  }

  @ParameterizedTest
  @CsvSource({"paper-2012", "four-towers-2012"})
  void comesBack(String preset) throws Exception {
    Path model = export(preset);
    Cli cli = take(model, preset, SAME);
    assertEquals(0, cli.code(), cli.err());
    RoundTripTest.assertSameTensors(
        folder.resolve("s.safetensors"), folder.resolve("back.safetensors"));
  }

  private void assertRefused(Path model, String why, String setting) {
    Cli cli = take(model, "paper-2012", setting);
    assertEquals(5, cli.code(), cli.err());
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().contains(why), cli.err());
  }

  /** Texts of the same length in the file, the first of them. */
  private Path changed(Path model, String from, String to) throws IOException {
    String text = Files.readString(model, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(from);
    assertTrue(at >= 0 && from.length() == to.length(), from);
    String other = text.substring(0, at) + to + text.substring(at + from.length());
    return Files.writeString(
        folder.resolve("changed.caffemodel"), other, StandardCharsets.ISO_8859_1);
  }

  @Test
  void differencesAreRefusedByLayer() throws Exception {
    Path model = export("paper-2012");
    assertRefused(model, "layer norm1: alpha is", "network.layers.norm1.alpha=2e-4");
    assertRefused(model, "layer norm1: k is 2.0", "network.layers.norm1.k=1");
    assertRefused(
        model, "layer norm1: is in 2 parts, norm1 in 1", "network.layers.norm1.over=all-maps");
    String parts = "layer norm1.in: is Slice, where norm1 is LRN; allowed: parts that";
    assertRefused(changed(model, "\7norm1.a\32\7norm1.b", "\7norm1.b\32\7norm1.a"), parts, SAME);
    assertRefused(changed(model, "\12norm1.in.a", "\12norm1.in.c"), parts, SAME);
    assertRefused(changed(model, "\6Concat", "\6Eltwis"), parts, SAME);
    // One part's exponent: 0.75 is 0x3f400000, field 3.
    assertRefused(changed(model, "\35\0\0\100\77", "\35\0\0\0\77"), parts, SAME);
  }

  /** A Slice may say where its second part begins: in the middle. */
  @Test
  void partsAreEqual() throws Exception {
    Path model = export("paper-2012"); // 8 maps a tower
    byte[] middle = withPoint(model, 8);
    Path stated = Files.write(folder.resolve("p.caffemodel"), middle);
    Cli cli = take(stated, "paper-2012", "network.mean=channel");
    assertEquals(0, cli.code(), cli.err());
    Path other = Files.write(folder.resolve("q.caffemodel"), withPoint(model, 7));
    assertRefused(
        other, "layer norm1: its parts begin at stated maps (7); allowed: equal parts", SAME);
  }

  /** The same file with another message for the first Slice, built here. */
  private static byte[] withPoint(Path model, int point) throws IOException {
    String text = Files.readString(model, StandardCharsets.ISO_8859_1);
    Message slice = new Message().text(1, "norm1.in").text(2, "Slice").text(3, "relu1");
    slice.text(4, "norm1.in.a").text(4, "norm1.in.b");
    String plain = layer(slice);
    String stated = layer(slice.message(126, new Message().number(2, point)));
    assertTrue(text.contains(plain));
    return text.replace(plain, stated).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String layer(Message layer) {
    return new String(new Message().message(100, layer).toBytes(), StandardCharsets.ISO_8859_1);
  }
}
