package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Feeding;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/**
 * Times steps that a loader feeds beside steps with a batch that stays: blocks of both in turns, so
 * that a machine whose speed drifts drifts for both. Of each block the first step, which waits for
 * nothing before it, does not count.
 */
final class FeedTrial {
  private static final int BLOCKS = 5;

  /**
   * What came out.
   *
   * @param images where they came from, for people
   * @param imagesPerSecond without a loader, median of the blocks
   * @param fedImagesPerSecond with one
   * @param waited share of the fed blocks' time in which steps waited for the loader
   * @param blocks of each sort
   * @param steps of a block
   */
  record Result(
      String images,
      double imagesPerSecond,
      double fedImagesPerSecond,
      double waited,
      int blocks,
      int steps) {

    /** Returns how much slower fed steps are; negative if they were quicker. */
    double slower() {
      return 1 - fedImagesPerSecond / imagesPerSecond;
    }

    String text() {
      return String.format(
          Locale.ROOT,
          "fed from %s: %s images/s; without a loader %s; difference %s%s (medians of %d blocks of %d"
              + " steps each, in turns; %s of the time waiting for the loader)",
          images,
          Numbers.fixed(fedImagesPerSecond, 1),
          Numbers.fixed(imagesPerSecond, 1),
          slower() > 0 ? "-" : "+",
          Numbers.percent(Math.abs(slower())),
          blocks,
          steps,
          Numbers.percent(waited));
    }

    Map<String, Object> fields() {
      return ImmutableMap.of(
          "images", images,
          "images_per_second", imagesPerSecond,
          "fed_images_per_second", fedImagesPerSecond,
          "difference_percent", -100 * slower(),
          "waited_share", waited,
          "blocks", blocks,
          "steps_per_block", steps);
    }
  }

  private final Towers towers;
  private final BatchLoader loader;
  private final int stepsPerBlock;
  private final int blocks;
  private final int ahead; // steps that may be open while the next batch is loaded
  private long number;
  private long start; // when the first step of a block had ended
  private double waitedBefore; // seconds that had been waited until then

  private FeedTrial(Towers towers, BatchLoader loader, int steps) {
    this.towers = towers;
    this.loader = loader;
    this.blocks = Math.min(BLOCKS, steps);
    this.ahead = towers.plan().imageSlots() - 1;
    this.stepsPerBlock = (steps + blocks - 1) / blocks;
  }

  /**
   * Times both.
   *
   * @param towers parameters and mean written, and warm
   * @param name of the images, for people
   * @param windows what happens to them on their way
   * @param steps of each sort, at least
   */
  static Result of(Towers towers, Dataset images, String name, Augmentation windows, int steps)
      throws IOException {
    try (BatchLoader loader =
        Feeding.feed(
            BatchLoader.of(images, towers.plan().batch())
                .augmentation(windows)
                .epochs(Integer.MAX_VALUE),
            towers)) {
      return new FeedTrial(towers, loader, steps).result(name);
    }
  }

  private Result result(String name) throws IOException {
    double[] plain = new double[blocks];
    double[] fed = new double[blocks];
    double all = 0;
    double waited = 0;
    load();
    for (int block = 0; block < blocks; block++) {
      plain[block] = block(false);
      fed[block] = block(true);
      all += fed[block];
      waited += loader.waited().toNanos() / 1e9 - waitedBefore;
    }
    Arrays.sort(plain);
    Arrays.sort(fed);
    double images = (double) towers.plan().batch() * stepsPerBlock;
    return new Result(
        name,
        images / plain[blocks / 2],
        images / fed[blocks / 2],
        waited / all,
        blocks,
        stepsPerBlock);
  }

  private void load() throws IOException {
    Batch batch = loader.next();
    towers.load(batch.count(), batch.images(), batch.crops(), batch.noise(), batch.labels());
    loader.release();
  }

  /** Returns the time from the end of a block's first step to that of its last one, seconds. */
  private double block(boolean fed) throws IOException {
    return towers.plan().purpose() == Purpose.TRAIN ? trained(fed) : evaluated(fed);
  }

  private double trained(boolean fed) throws IOException {
    int done = 0;
    for (int step = 0; step <= stepsPerBlock; step++) {
      if (fed && !loader.isReady() && done < step) {
        towers.awaitStep(); // so that what is waited for images is time in which nothing computes
        ended(done++);
      }
      if (fed) {
        load();
      }
      // A rate of 0 skips no work and keeps the weights where they are, however long this runs.
      towers.queueStep(new StepSettings(number++, 0, 0, 0.9f));
      while (done <= step - ahead) {
        towers.awaitStep();
        ended(done++);
      }
    }
    if (done <= stepsPerBlock) {
      towers.awaitStep();
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private double evaluated(boolean fed) throws IOException {
    for (int step = 0; step <= stepsPerBlock; step++) {
      if (fed) {
        load();
      }
      towers.evaluate();
      ended(step);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** Time, and what of it was waited, count from the end of a block's first step. */
  private void ended(int step) {
    if (step == 0) {
      start = System.nanoTime();
      waitedBefore = loader.waited().toNanos() / 1e9;
    }
  }
}
