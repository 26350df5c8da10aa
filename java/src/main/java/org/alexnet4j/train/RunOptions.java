package org.alexnet4j.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.shape.RankPart;

/**
 * What a person asks of a training run, beside the configuration's contents.
 *
 * @param configuration network, training, augmentation; classes are taken from the data
 * @param data where the images are
 * @param devices one per tower
 * @param seed of weights, order, crops and masks
 * @param run folder that gets everything
 * @param steps updates to stop after, or 0 for the configuration's epochs
 * @param resume whether to go on from the folder's newest checkpoint
 * @param checkpoints when they are written and which are kept
 * @param explain steps at which activations and dead units are shown
 * @param loaderThreads threads that read images
 * @param trace where the trace of some steps goes, beside the run folder
 * @param settings what the person set of the configuration beside a preset or file, for the record
 * @param again whether the same was asked before, perhaps, by a command that ended on the way: what
 *     it left before its first checkpoint is begun again, and what it explained is not missed
 * @param norms steps between two measurements of gradients and updates, 0: at evaluations; empty:
 *     never
 * @param ranks the processes that train together, or nothing if this one is alone
 */
public record RunOptions(
    Configuration configuration,
    String data,
    Devices.Choice devices,
    long seed,
    Path run,
    long steps,
    boolean resume,
    CheckpointPolicy checkpoints,
    ImmutableSet<Long> explain,
    int loaderThreads,
    Optional<Path> trace,
    ImmutableList<String> settings,
    boolean again,
    OptionalLong norms,
    Optional<Ranks> ranks) {

  /**
   * {@return the same for one of several ranks}
   *
   * @param others the processes
   */
  public RunOptions with(Ranks others) {
    return new RunOptions(
        configuration,
        data,
        devices,
        seed,
        run,
        steps,
        resume,
        checkpoints,
        explain,
        loaderThreads,
        trace,
        settings,
        again,
        norms,
        Optional.of(others));
  }

  /** Returns which part of a step this process takes. */
  RankPart part() {
    return ranks.map(r -> new RankPart(r.rank(), r.count())).orElse(RankPart.WHOLE);
  }

  /** Returns whether this process writes the run, and speaks of it. */
  boolean leads() {
    return part().rank() == 0;
  }

  /**
   * Creates options with a configuration in which nothing was set beside its file.
   *
   * @param configuration network, training, augmentation
   * @param data where the images are
   * @param devices one per tower
   * @param seed of weights, order, crops and masks
   * @param run folder that gets everything
   * @param steps updates to stop after, or 0 for the configuration's epochs
   * @param resume whether to go on from the folder's newest checkpoint
   * @param checkpoints when checkpoints are written and which are kept
   * @param explain steps at which activations and dead units are shown
   * @param loaderThreads threads that read images
   * @param trace where the trace of some steps goes
   */
  public RunOptions(
      Configuration configuration,
      String data,
      Devices.Choice devices,
      long seed,
      Path run,
      long steps,
      boolean resume,
      CheckpointPolicy checkpoints,
      ImmutableSet<Long> explain,
      int loaderThreads,
      Optional<Path> trace) {
    this(
        configuration,
        data,
        devices,
        seed,
        run,
        steps,
        resume,
        checkpoints,
        explain,
        loaderThreads,
        trace,
        ImmutableList.of(),
        false,
        OptionalLong.empty(),
        Optional.empty());
  }

  /**
   * Creates options with the trace in the run folder only.
   *
   * @param configuration network, training, augmentation
   * @param data where the images are
   * @param devices one per tower
   * @param seed of weights, order, crops and masks
   * @param run folder that gets everything
   * @param steps updates to stop after, or 0 for the configuration's epochs
   * @param resume whether to go on from the folder's newest checkpoint
   * @param checkpoints when checkpoints are written and which are kept
   * @param explain steps at which activations and dead units are shown
   * @param loaderThreads threads that read images
   */
  public RunOptions(
      Configuration configuration,
      String data,
      Devices.Choice devices,
      long seed,
      Path run,
      long steps,
      boolean resume,
      CheckpointPolicy checkpoints,
      ImmutableSet<Long> explain,
      int loaderThreads) {
    this(
        configuration,
        data,
        devices,
        seed,
        run,
        steps,
        resume,
        checkpoints,
        explain,
        loaderThreads,
        Optional.empty());
  }
}
