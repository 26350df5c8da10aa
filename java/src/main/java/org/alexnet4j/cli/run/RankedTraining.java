package org.alexnet4j.cli.run;

import java.io.IOException;
import java.util.Optional;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.ranks.Launch;
import org.alexnet4j.ranks.MpiRanks;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.tower.TowerOptions;
import org.alexnet4j.train.RankedRun;

/**
 * Training by several processes that a launcher has started: rank 0 does what the command does
 * anyway, with the others' help; the others help, and say nothing unless they fail.
 */
final class RankedTraining {
  private RankedTraining() {}

  /** What rank 0 does. */
  interface Body {
    /** Trains. */
    void run(Optional<Ranks> ranks) throws IOException;
  }

  /**
   * Refuses what one process does, as every rank would do it in the same place.
   *
   * @throws CommandException if a launcher has started others
   */
  static void requireAlone(String what) {
    if (Launch.of(System.getenv()).isOfSeveral()) {
      throw CommandException.ofAll(
          ExitCode.USAGE, what + " is for one process; start it without mpirun");
    }
  }

  /**
   * Trains, alone or as one of several. Whoever fails ends its process without leaving the others
   * in order; the launcher ends theirs then.
   */
  static void run(Console console, StopRequest stop, DeviceOptions devices, Body body)
      throws IOException {
    if (!MpiRanks.isLaunched(System.getenv())) {
      body.run(Optional.empty());
      return;
    }
    MpiRanks ranks =
        MpiRanks.join(Ranks.lanes(NetworkSpec.MAX_TOWERS), TowerOptions.patienceOfEnvironment());
    if (ranks.rank() > 0) {
      stop.attend();
      RankedRun.follow(
          ranks,
          towers -> devices.choose(towers, console),
          devices.loaderThreads(),
          stop::isRequested);
    } else {
      body.run(Optional.of(ranks));
    }
    ranks.close();
  }
}
