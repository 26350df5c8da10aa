package org.alexnet4j.cli.run;

import com.google.common.collect.Lists;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.option.ExperimentImages;
import org.alexnet4j.config.ConfigDifference;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.StartSpec;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.RunSessions;
import org.alexnet4j.train.TrainingRun;

/**
 * What an experiment finds in the folder of a run: the run that it wants there, or another one, and
 * how far it came.
 *
 * @param folder of the run
 * @param wanted what is to be trained there
 * @param images names the data
 * @param seed of the run
 */
record EarlierRun(Path folder, Configuration wanted, String images, long seed) {
  /**
   * Refuses a folder among the images, and one in which something else was trained.
   *
   * @param all knows which images there are now
   * @return whether there is something to go on with
   * @throws CommandException if it is another run
   * @throws IOException if the folder cannot be read, or is not apart from the data
   */
  boolean requireSame(ExperimentImages all) throws IOException {
    Optional<Path> source = Datasets.path(images);
    if (source.isPresent()) {
      OutputFolder.requireApart(folder, source.get());
    }
    RunFolder run = new RunFolder(folder);
    if (!Files.isRegularFile(run.config()) || run.checkpoints().isEmpty()) {
      return false;
    }
    requireConfiguration(ConfigReader.written(run.config()));
    Optional<JsonObject> last = RunSessions.read(run.environment()).last();
    if (last.isPresent() && last.get().get("seed").getAsLong() != seed) {
      throw other("seed " + last.get().get("seed") + ", not " + seed);
    }
    String had = last.map(session -> session.get("data").getAsString()).orElse("");
    if (last.isPresent() && !Datasets.absolute(images).equals(Datasets.absolute(had))) {
      throw other("data " + had + ", not " + images);
    }
    if (last.isPresent()) {
      requireImages(last.get(), all);
    }
    return true;
  }

  /** Data of one name may be others by now. */
  private void requireImages(JsonObject session, ExperimentImages all) throws IOException {
    if (!(session.get("dataSet") instanceof JsonObject had) || !session.has("fromStep")) {
      return; // of a version that took these sums otherwise
    }
    ExperimentImages.Names now = all.now(images, wanted.network().sourceSize());
    requireImages("training", had.get("trainNamesSha256"), now.train());
    requireImages("held-out", had.get("heldOutNamesSha256"), now.heldOut());
  }

  private void requireImages(String part, JsonElement had, String now) {
    if (had != null && !had.isJsonNull() && !had.getAsString().equals(now)) {
      throw other("other " + part + " images than " + images + " has now");
    }
  }

  private void requireConfiguration(Configuration there) {
    int classes = there.network().classes();
    Configuration fitted = startedAs(there).withNetwork(wanted.network().withClasses(classes));
    List<ConfigDifference> differences = ConfigDifference.between(there, fitted);
    if (!differences.isEmpty()) {
      ConfigDifference first = differences.get(0);
      throw other(first.key() + " " + first.first() + ", not " + first.second());
    }
  }

  /**
   * Refuses a run that started from other values than those that its source has now, once the
   * source has ended. A run of a version that did not keep what it started from passes.
   *
   * @throws CommandException if it did
   */
  void requireSource() throws IOException {
    Optional<String> kept = startSha256();
    if (kept.isEmpty() || wanted.start().isEmpty()) {
      return;
    }
    Path source = Path.of(wanted.start().get().from());
    Path newest = new RunFolder(source).latest().orElseThrow();
    if (!kept.equals(Checkpoint.valuesSha256(newest))) {
      throw new CommandException(
          ExitCode.USAGE,
          String.format(
              Locale.ROOT,
              "%s started from another %s than the one there; remove %s, or put back %s",
              folder.getFileName(),
              source.getFileName(),
              folder,
              source));
    }
  }

  /** Returns which values it started from, as its last session that began anew says. */
  private Optional<String> startSha256() throws IOException {
    return Lists.reverse(RunSessions.read(new RunFolder(folder).environment()).all()).stream()
        .map(session -> session.get("start"))
        .filter(JsonObject.class::isInstance)
        .findFirst()
        .map(start -> start.getAsJsonObject().get("valuesSha256"))
        .filter(JsonElement::isJsonPrimitive)
        .map(JsonElement::getAsString);
  }

  /**
   * Returns what is wanted with the start that a configuration has, if it is from the run of the
   * same name: folders are moved, and their paths written in several ways.
   */
  private Configuration startedAs(Configuration there) {
    if (there.start().isEmpty() || wanted.start().isEmpty()) {
      return wanted;
    }
    String from = there.start().get().from();
    StartSpec start = wanted.start().get();
    return Path.of(from).endsWith(Path.of(start.from()).getFileName())
        ? wanted.withStart(Optional.of(new StartSpec(from, start.layers())))
        : wanted;
  }

  /** Returns what goes on in the folder, which keeps the path that it started from. */
  Configuration resumed() {
    return startedAs(ConfigReader.written(new RunFolder(folder).config()));
  }

  private CommandException other(String why) {
    return new CommandException(
        ExitCode.USAGE, folder + " was trained with " + why + "; name another folder with --into");
  }

  /**
   * Returns whether nothing is left to train: the newest checkpoint is asked, because a session of
   * fewer steps is done as well. A damaged one goes on from the one before it.
   */
  boolean isOver() throws IOException {
    try {
      Path newest = new RunFolder(folder).latest().orElseThrow();
      return TrainingRun.isOver(wanted.training(), Checkpoint.readHeader(newest));
    } catch (FormatException e) {
      return false;
    }
  }
}
