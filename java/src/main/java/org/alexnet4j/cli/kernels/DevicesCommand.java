package org.alexnet4j.cli.kernels;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.ranks.MpiRanks;
import org.alexnet4j.ranks.RankTexts;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.TextTable;
import org.alexnet4j.text.Host;
import org.alexnet4j.tower.TowerOptions;
import org.alexnet4j.tower.link.LinkSurvey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists what can compute here. */
@Command(
    name = "devices",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the devices that can compute here.",
      "It also measures the ways from one to another, and says what the native library was built",
      "with and what --devices auto would choose for two towers. Under mpirun it says instead where",
      "each rank is and what it has."
    })
public final class DevicesCommand implements Runnable {
  private final Console console;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public DevicesCommand(Console console) {
    this.console = console;
  }

  /** One line of the list. */
  private record Found(String device, int available, long freeBytes, JsonElement description) {}

  @Override
  public void run() {
    if (MpiRanks.isLaunched(System.getenv())) {
      showRanks();
    } else {
      showDevices();
    }
  }

  /** Of processes that a launcher has started together: where each of them is, and on what. */
  private void showRanks() {
    MpiRanks ranks = MpiRanks.join(1, TowerOptions.patienceOfEnvironment());
    Devices.Choice choice = Devices.choose("auto", 2);
    long free;
    try (Device device = Device.open(choice.ids().get(0))) {
      free = device.freeBytes();
    }
    Map<String, Object> own =
        ImmutableMap.of(
            "rank", ranks.rank(),
            "host", Host.name(),
            "auto", choice.ids().toString(),
            "processors", Runtime.getRuntime().availableProcessors(),
            "freeBytes", free);
    List<JsonObject> all =
        RankTexts.gather(ranks, Ranks.CONTROL, JsonLines.toJson(own)).stream()
            .map(text -> JsonParser.parseString(text).getAsJsonObject())
            .toList();
    if (ranks.rank() == 0 && json) {
      console.json(ImmutableMap.of("engine", ranks.engine(), "ranks", all));
    } else if (ranks.rank() == 0) {
      TextTable table = new TextTable("rank", "host", "auto", "processors", "free memory");
      for (JsonObject one : all) {
        table.row(
            one.get("rank").getAsInt(),
            one.get("host").getAsString(),
            one.get("auto").getAsString(),
            one.get("processors").getAsInt(),
            Numbers.mebibytes(one.get("freeBytes").getAsLong()));
      }
      console.result(table + ranks.engine() + " moves bytes between them");
    }
    ranks.close();
  }

  private void showDevices() {
    List<Found> found = new ArrayList<>();
    for (DeviceKind kind : DeviceKind.values()) {
      int count = Device.count(kind);
      // emu and cpu devices are all alike: the first stands for them.
      int shown = kind == DeviceKind.CUDA ? count : Math.min(count, 1);
      for (int i = 0; i < shown; i++) {
        found.add(describe(new DeviceId(kind, i), count));
      }
      if (count == 0) {
        found.add(new Found(kind.name().toLowerCase(Locale.ROOT), 0, 0, null));
      }
    }
    Devices.Choice choice = Devices.choose("auto", 2);
    List<LinkSurvey> links = LinkTable.survey();
    if (json) {
      console.json(
          ImmutableMap.of(
              "devices", found,
              "links", LinkTable.json(links),
              "auto", choice.ids().stream().map(DeviceId::toString).toList(),
              "reason", choice.reason(),
              "build", JsonParser.parseString(Devices.buildInfo())));
      return;
    }
    TextTable table = new TextTable("device", "there are", "free memory", "what it is");
    for (Found device : found) {
      table.row(
          device.device,
          device.available,
          device.available == 0 ? "" : Numbers.mebibytes(device.freeBytes),
          device.available == 0 ? "none found" : flat(device.description));
    }
    console.result(table.toString());
    console.result(LinkTable.text(links));
    console.result("auto: " + choice.ids() + " (" + choice.reason() + ")");
    console.result("build: " + flat(JsonParser.parseString(Devices.buildInfo())));
  }

  private static Found describe(DeviceId id, int available) {
    try (Device device = Device.open(id)) {
      return new Found(
          id.toString(), available, device.freeBytes(), JsonParser.parseString(device.describe()));
    }
  }

  /** Returns the entries of a JSON object on one line: {@code name AMD EPYC, cores 2}. */
  private static String flat(JsonElement object) {
    StringBuilder line = new StringBuilder();
    for (Map.Entry<String, JsonElement> entry : object.getAsJsonObject().entrySet()) {
      JsonElement value = entry.getValue();
      if (entry.getKey().equals("device") || entry.getKey().equals("kind")) {
        continue; // has its own column
      }
      line.append(line.isEmpty() ? "" : ", ")
          .append(entry.getKey())
          .append(' ')
          .append(value.isJsonPrimitive() ? value.getAsString() : value.toString());
    }
    return line.toString();
  }
}
