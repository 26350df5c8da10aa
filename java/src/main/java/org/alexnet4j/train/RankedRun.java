package org.alexnet4j.train;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.alexnet4j.device.Devices;
import org.alexnet4j.ranks.Ranks;

/**
 * A run as another rank than 0 sees it: it does the same steps, evaluations and checkpoints at the
 * same time, and writes nothing but into a temporary folder of its own.
 */
public final class RankedRun {
  private RankedRun() {}

  /**
   * Takes part in the run that rank 0 begins or goes on with, to its end.
   *
   * @param devices chooses one for each of so many towers
   * @param stop whether this process was asked to end, which then all do
   */
  public static void follow(
      Ranks ranks, IntFunction<Devices.Choice> devices, int loaderThreads, BooleanSupplier stop)
      throws IOException {
    Path folder = Files.createTempDirectory("alexnet4j-rank-" + ranks.rank() + "-");
    try {
      Path run = folder.resolve("run");
      Optional<RunOptions> options = RankBriefing.hear(ranks, run, devices, loaderThreads);
      if (options.isPresent()) {
        TrainingRun.run(options.get(), new Silent(stop));
      }
    } finally {
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
}
