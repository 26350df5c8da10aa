package org.alexnet4j.train;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.run.RunSessions;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.tower.link.Link;

/**
 * Says where, from what and how a session of a run was made, for its folder. What cannot be known
 * is null, so that a reader sees the gap. The fields are described in docs/runs.md.
 */
final class Environment {
  private static final String MAIN = "org.alexnet4j.cli.Main";

  private Environment() {}

  /** Returns a session for {@link RunSessions}. */
  static JsonObject describe(
      RunOptions options,
      Configuration configuration,
      Optional<StartFrom> start,
      Towers towers,
      Dataset train,
      Dataset test)
      throws IOException {
    JsonObject json = new JsonObject();
    json.add("command", command());
    json.addProperty("data", Datasets.absolute(options.data()));
    json.addProperty("dataGiven", options.data());
    json.add("dataSet", data(train, test));
    json.addProperty("seed", options.seed());
    if (start.isPresent()) {
      json.add("start", start.get().describe());
    }
    json.addProperty("network", configuration.network().name());
    json.add("set", strings(options.settings()));
    json.addProperty("devices", options.devices().ids().toString());
    json.addProperty("devicesBecause", options.devices().reason());
    json.add("deviceDescriptions", descriptions(options.devices().ids()));
    json.add("engines", names(towers.engines()));
    json.add("kernels", names(options.devices().kernels()));
    json.add("links", links(towers.links()));
    json.addProperty("resumed", options.resume());
    options
        .ranks()
        .ifPresent(
            ranks -> {
              json.addProperty("ranks", ranks.count());
              json.addProperty("ranksEngine", ranks.engine());
            });
    json.addProperty("loaderThreads", options.loaderThreads());
    json.addProperty("java", Runtime.version().toString());
    json.addProperty("javaVendor", System.getProperty("java.vm.vendor"));
    json.add("javaFlags", strings(ManagementFactory.getRuntimeMXBean().getInputArguments()));
    json.add("settings", settings());
    json.addProperty(
        "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    json.add("cpu", text(procLine("/proc/cpuinfo", "model name")));
    json.addProperty("cores", Runtime.getRuntime().availableProcessors());
    json.add("memory", text(procLine("/proc/meminfo", "MemTotal")));
    json.add("commit", text(git("rev-parse", "HEAD")));
    json.add("commitModified", modified());
    json.add("build", JsonParser.parseString(Devices.buildInfo()));
    return json;
  }

  private static JsonArray links(List<Link> links) {
    JsonArray array = new JsonArray();
    for (Link link : links) {
      JsonObject json = new JsonObject();
      json.addProperty("from", link.from().toString());
      json.addProperty("to", link.to().toString());
      json.addProperty("transport", link.transport().toString());
      json.addProperty("because", link.reason());
      array.add(json);
    }
    return array;
  }

  private static JsonElement modified() {
    return git("status", "--porcelain")
        .<JsonElement>map(changes -> new JsonPrimitive(!changes.isEmpty()))
        .orElse(JsonNull.INSTANCE);
  }

  private static JsonElement text(Optional<String> value) {
    return value.<JsonElement>map(JsonPrimitive::new).orElse(JsonNull.INSTANCE);
  }

  private static JsonArray strings(List<String> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }

  private static JsonArray names(List<?> values) {
    return strings(values.stream().map(Object::toString).toList());
  }

  /** Returns the words after {@code ./alexnet}; null inside another program. */
  private static JsonElement command() {
    List<String> words =
        ProcessHandle.current().info().arguments().map(Arrays::asList).orElse(List.of());
    int main = words.indexOf(MAIN);
    return main < 0 ? JsonNull.INSTANCE : strings(words.subList(main + 1, words.size()));
  }

  private static JsonObject data(Dataset train, Dataset test) {
    JsonObject json = new JsonObject();
    json.addProperty("classes", train.classes().size());
    json.addProperty("trainImages", train.size());
    json.addProperty("heldOutImages", test.size());
    json.addProperty("trainNamesSha256", DataFingerprint.ofNames(train));
    json.addProperty("heldOutNamesSha256", DataFingerprint.ofNames(test));
    return json;
  }

  private static JsonArray descriptions(List<DeviceId> ids) {
    JsonArray array = new JsonArray();
    for (DeviceId id : new LinkedHashSet<>(ids)) {
      try (Device device = Device.open(id)) {
        array.add(JsonParser.parseString(device.describe()));
      }
    }
    return array;
  }

  /** The settings of the README that are set, which force kernels or engines. */
  private static JsonObject settings() {
    JsonObject json = new JsonObject();
    new TreeMap<>(System.getenv())
        .forEach(
            (name, value) -> {
              if (name.startsWith("ALEXNET_")) {
                json.addProperty(name, value);
              }
            });
    return json;
  }

  private static Optional<String> procLine(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // another system; the field is then null
    }
  }

  /** Asks git about the sources that the program was started from. */
  private static Optional<String> git(String... arguments) {
    String home = System.getProperty("alexnet.home");
    if (home == null) {
      return Optional.empty();
    }
    try {
      String[] command = {"git", "-C", home};
      Process git =
          new ProcessBuilder(
                  Stream.concat(Arrays.stream(command), Arrays.stream(arguments)).toList())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      git.getOutputStream().close();
      String output = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0;
      return ended ? Optional.of(output.strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // no git here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
