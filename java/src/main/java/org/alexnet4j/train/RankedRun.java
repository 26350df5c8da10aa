package org.alexnet4j.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.Unfinished;
import org.alexnet4j.ranks.RankTexts;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.run.RunFolder;

/**
 * A run as other ranks than 0 see it: they are told what to train, do the same steps, evaluations
 * and checkpoints at the same time, and write nothing but into temporary folders of their own.
 *
 * @hidden
 */
public final class RankedRun {
  private RankedRun() {}

  /**
   * Takes part in the run that rank 0 begins or goes on with, to its end.
   *
   * @param ranks the processes
   * @param devices chooses one for each of so many towers
   * @param loaderThreads threads that read images
   * @param stop whether this process was asked to end, which then all do
   * @throws IOException if data or checkpoint cannot be read
   */
  public static void follow(
      Ranks ranks, IntFunction<Devices.Choice> devices, int loaderThreads, BooleanSupplier stop)
      throws IOException {
    Path folder = Files.createTempDirectory("alexnet4j-rank-" + ranks.rank() + "-");
    Unfinished unfinished = Unfinished.add(() -> delete(folder));
    try {
      Path run = folder.resolve("run");
      Optional<RunOptions> options = hear(ranks, run, devices, loaderThreads);
      if (options.isPresent()) {
        TrainingRun.run(options.get(), new Silent(stop));
      }
    } finally {
      unfinished.close();
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  /** Says nothing, as rank 0 does. */
  private record Silent(BooleanSupplier stop) implements RunListener {
    @Override
    public boolean stopRequested() {
      return stop.getAsBoolean();
    }
  }

  /**
   * Tells the others to begin.
   *
   * @param checkpoint what the run goes on from
   */
  static void send(Ranks ranks, RunOptions options, Optional<Path> checkpoint) throws IOException {
    JsonObject said = new JsonObject();
    said.addProperty("configuration", ConfigWriter.write(options.configuration()));
    said.addProperty("data", Datasets.absolute(options.data()));
    said.addProperty("seed", options.seed());
    said.addProperty("steps", options.steps());
    said.addProperty("everySteps", options.checkpoints().everySteps());
    said.addProperty("keepBest", options.checkpoints().keepBest());
    if (options.norms().isPresent()) {
      said.addProperty("norms", options.norms().getAsLong());
    }
    if (checkpoint.isPresent()) {
      said.addProperty("checkpoint", checkpoint.get().getFileName().toString());
    }
    RankTexts.ofFirst(ranks, Ranks.CONTROL, said.toString());
    if (checkpoint.isPresent()) {
      RankTexts.ofFirst(ranks, Ranks.CONTROL, Files.readAllBytes(checkpoint.get()));
    }
  }

  /** Tells the others that there is nothing to do. */
  static void sendNothing(Ranks ranks) {
    RankTexts.ofFirst(ranks, Ranks.CONTROL, "{}");
  }

  /**
   * Hears what to do, on another rank than 0.
   *
   * @param run a folder of this rank's own, which gets the checkpoint
   * @param devices chooses one for each of so many towers
   * @return nothing if there is nothing to do
   */
  private static Optional<RunOptions> hear(
      Ranks ranks, Path run, IntFunction<Devices.Choice> devices, int loaderThreads)
      throws IOException {
    String text = RankTexts.ofFirst(ranks, Ranks.CONTROL, (String) null);
    JsonObject said = JsonParser.parseString(text).getAsJsonObject();
    if (said.size() == 0) {
      return Optional.empty();
    }
    String written = said.get("configuration").getAsString();
    Configuration configuration = ConfigReader.text("what rank 0 trains", written);
    boolean resume = said.has("checkpoint");
    if (resume) {
      RunFolder folder = RunFolder.create(run);
      AtomicFile.writeText(folder.config(), written);
      byte[] bytes = RankTexts.ofFirst(ranks, Ranks.CONTROL, (byte[]) null);
      long step = RunFolder.step(Path.of(said.get("checkpoint").getAsString()));
      Files.write(folder.checkpoint(step), bytes);
    }
    CheckpointPolicy checkpoints =
        new CheckpointPolicy(
            said.get("everySteps").getAsLong(), 1, said.get("keepBest").getAsBoolean(), 0);
    RunOptions options =
        new RunOptions(
            configuration,
            said.get("data").getAsString(),
            devices.apply(configuration.network().towers()),
            said.get("seed").getAsLong(),
            run,
            said.get("steps").getAsLong(),
            resume,
            checkpoints,
            ImmutableSet.of(),
            loaderThreads,
            Optional.empty(),
            ImmutableList.of(),
            false,
            said.has("norms")
                ? OptionalLong.of(said.get("norms").getAsLong())
                : OptionalLong.empty(),
            Optional.of(ranks));
    return Optional.of(options);
  }
}
