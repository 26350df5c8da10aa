package org.alexnet4j.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.Reason;
import org.alexnet4j.io.RegularFile;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.NewestCheckpoint;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.RunSessions;

/**
 * What a page shows of one run folder.
 *
 * @param name last part of the folder's path
 * @param network its name, with what was changed in the preset of that name
 * @param epochs that the configuration asks for
 * @param history curves
 * @param configuration the YAML file
 * @param settings the same by full names, with those of the environment that matter
 * @param plan sizes, memory, exchange, as {@code describe --json}
 * @param environment {@code env.json}
 * @param filters of the first layer; null before the first checkpoint
 * @param filtersStep step of the checkpoint they are from
 * @param findings {@code findings.json}, or null
 * @param maps {@code maps.json}, or null
 * @param exchange last line of {@code exchange.jsonl}, or null
 * @param timeline a step of {@code trace.json}, or null
 */
record RunData(
    String name,
    String network,
    int epochs,
    RunHistory history,
    String configuration,
    Map<String, String> settings,
    Map<String, Object> plan,
    JsonElement environment,
    FilterSheet filters,
    long filtersStep,
    JsonElement findings,
    JsonElement maps,
    JsonElement exchange,
    StepTimeline timeline) {
  private static final int MOST_BYTES = 64 << 20;

  /**
   * Reads a run folder, whether or not its run has ended.
   *
   * @param notes hears which parts are damaged and left out; metrics and configuration must be
   *     whole
   */
  static RunData read(Path folder, Consumer<String> notes) throws IOException {
    Path metrics = folder.resolve("metrics.jsonl");
    Path config = folder.resolve("config.yaml");
    for (Path needed : List.of(metrics, config)) {
      if (!Files.isRegularFile(needed)) {
        throw new NoSuchFileException(
            folder.toString(), null, "no run folder: " + needed.getFileName() + " is missing");
      }
    }
    String yaml = RegularFile.readText(config, MOST_BYTES);
    Configuration configuration = ConfigReader.text(config.toString(), yaml);
    JsonElement environment =
        part(notes, () -> environment(folder.resolve("env.json")), JsonNull.INSTANCE);
    AtomicReference<FilterSheet> read = new AtomicReference<>();
    Optional<Path> checkpoint =
        part(notes, () -> newest(folder, configuration, read), Optional.empty());
    FilterSheet filters = checkpoint.isEmpty() ? null : read.get();
    Map<String, String> settings =
        Settings.of(
            yaml, environment.isJsonObject() ? environment.getAsJsonObject() : new JsonObject());
    return new RunData(
        folder.toAbsolutePath().normalize().getFileName().toString(),
        NetworkName.of(configuration.network().name(), settings),
        configuration.training().epochs(),
        RunHistory.read(metrics),
        yaml,
        settings,
        plan(configuration),
        environment,
        filters,
        filters == null ? 0 : RunFolder.step(checkpoint.get()),
        part(notes, () -> FindingsFile.read(folder.resolve("findings.json")), JsonNull.INSTANCE),
        part(notes, () -> MapsFile.read(folder.resolve("maps.json")), JsonNull.INSTANCE),
        part(notes, () -> last(folder.resolve("exchange.jsonl")), JsonNull.INSTANCE),
        part(notes, () -> StepTimeline.read(folder.resolve("trace.json")), null));
  }

  private interface Part<T> {
    T read() throws IOException;
  }

  /** Reads what the page can do without. */
  private static <T> T part(Consumer<String> notes, Part<T> part, T without) {
    try {
      return part.read();
    } catch (IOException e) {
      notes.accept("left out of the page: " + Reason.withFile(e));
      return without;
    }
  }

  /** Finds the newest checkpoint whose filters can be read, and reads them. */
  private static Optional<Path> newest(
      Path folder, Configuration configuration, AtomicReference<FilterSheet> read)
      throws IOException {
    return NewestCheckpoint.find(
            new RunFolder(folder),
            (file, content) -> {
              Checkpoint.requireFinite(file);
              read.set(filters(file, configuration));
            },
            line -> {})
        .map(NewestCheckpoint::file);
  }

  private static FilterSheet filters(Path checkpoint, Configuration configuration)
      throws IOException {
    for (LayerSpec layer : configuration.network().layers()) {
      if (layer instanceof Conv conv) {
        return FilterSheet.read(checkpoint, conv.name(), configuration.network().towers());
      }
    }
    return null;
  }

  private static Map<String, Object> plan(Configuration configuration) {
    return new PlanReport(
            Planner.plan(
                    configuration.network(),
                    configuration.training().batch(),
                    Purpose.TRAIN,
                    configuration.mean(),
                    0,
                    configuration.training().slicing())
                .in(configuration.training().arithmetic()))
        .json();
  }

  /** Returns the newest session, with the others in short. */
  private static JsonElement environment(Path file) throws IOException {
    RunSessions sessions = RunSessions.read(file);
    if (sessions.last().isEmpty()) {
      return JsonNull.INSTANCE;
    }
    JsonObject environment = sessions.last().get().deepCopy();
    JsonArray all = new JsonArray();
    for (JsonObject session : sessions.all()) {
      JsonObject inShort = new JsonObject();
      for (String field : List.of("started", "ended", "how", "fromStep", "toStep", "devices")) {
        JsonElement value = session.get(field);
        inShort.add(field, value == null ? JsonNull.INSTANCE : value);
      }
      all.add(inShort);
    }
    environment.add("sessions", all);
    return environment;
  }

  private static JsonElement last(Path file) throws IOException {
    if (!Files.exists(file)) {
      return JsonNull.INSTANCE;
    }
    List<JsonObject> lines = JsonLines.read(file);
    JsonObject last = lines.isEmpty() ? null : lines.get(lines.size() - 1);
    if (last != null && !(last.get("transfers") instanceof JsonArray)) {
      throw new FormatException(file, "line " + lines.size(), "has no list of transfers");
    }
    return last == null ? JsonNull.INSTANCE : last;
  }
}
