package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.report.Settings.Difference;
import org.junit.jupiter.api.Test;

class SettingsTest {
  private static Map<String, String> settings(String yaml) {
    return Settings.of(ConfigWriter.write(ConfigReader.text("test", yaml)), new JsonObject());
  }

  private static Map<String, String> paper(String... layers) {
    String lines = layers.length == 0 ? " {}\n" : "\n    " + String.join("\n    ", layers) + "\n";
    return settings("extends: paper-2012\nnetwork:\n  layers:" + lines);
  }

  @Test
  void aLayerThatIsLeftOutIsOneDifference() {
    Map<String, String> all = paper();
    Map<String, String> without = paper("norm1: off", "norm2: off");
    assertEquals(
        List.of(
            new Difference("norm1", List.of("on", "off", "on")),
            new Difference("norm2", List.of("on", "off", "on"))),
        Settings.differences(List.of(all, without, all)));
  }

  @Test
  void aChangedLayerShowsWhatWasChanged() {
    assertEquals(
        List.of(new Difference("network.layers.norm1.size", List.of("5", "3"))),
        Settings.differences(List.of(paper(), paper("norm1: {size: 3}"))));
  }

  @Test
  void kernelsAreCompared() {
    JsonObject forced =
        JsonParser.parseString("{kernels: ['conv.fprop=direct', 'fc.fprop=gemm'], links: []}")
            .getAsJsonObject();
    Map<String, String> settings = Settings.of("name: a", forced);
    assertEquals(
        List.of(new Difference("kernels", List.of("", "conv.fprop=direct, fc.fprop=gemm"))),
        Settings.differences(List.of(Settings.of("name: a", new JsonObject()), settings)));
  }

  @Test
  void aNetworkIsNamedByItsChanges() {
    assertEquals("paper-2012", NetworkName.of("paper-2012", paper()));
    assertEquals(
        "paper-2012 with norm2 size 3 without norm1",
        NetworkName.of("paper-2012", paper("norm1: off", "norm2: {size: 3}")));
    assertEquals(
        "paper-2012 with 4 changes",
        NetworkName.of(
            "paper-2012",
            paper("norm1: off", "norm2: off", "conv1: {maps: 32}", "conv2: {maps: 64}")));
    assertEquals("mine", NetworkName.of("mine", paper("norm1: off")));
  }
}
