package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.shape.InputShape;

/**
 * Brings batches to the towers: images alternate between the slots of their buffer. Everything is
 * checked first, then copied, then said to be there.
 *
 * <p>Threads: the coordinator, between passes.
 */
final class TowerInput {
  private final Plan plan;
  private final ImmutableList<Tower> towers;
  private final Readiness ready;
  private final float[] without; // what noise is where a batch has none: zeros and a factor of 1
  private int slot;

  TowerInput(Plan plan, ImmutableList<Tower> towers, Readiness ready) {
    this.plan = plan;
    this.towers = towers;
    this.ready = ready;
    this.without = new float[4 * plan.batch()];
    for (int i = 3; i < without.length; i += 4) {
      without[i] = 1;
    }
  }

  /** Returns how many images the present batch has; 0 without one. */
  int loaded() {
    return ready.images();
  }

  /** Returns where the images of the present batch are. */
  int slot() {
    return slot;
  }

  /** See {@link Towers#mean}. */
  void mean(float[] mean) {
    Objects.requireNonNull(mean, "mean");
    for (Tower tower : towers) {
      long needed = tower.plan().buffer("mean").bytes() / Float.BYTES;
      if (mean.length != needed) {
        throw new IllegalArgumentException(
            "mean has " + mean.length + " values; needed: " + needed + " (" + plan.mean() + ")");
      }
    }
    requireFinite("mean", mean, mean.length);
    ready.mean(false);
    for (Tower tower : towers) {
      tower.buffer(tower.plan().buffer("mean").id()).copyIn(tower.stream(), mean);
    }
    ready.mean(true);
  }

  /** See {@link Towers#load}. */
  void load(int count, ByteBuffer images, int[] crops, float[] noise, int[] labels) {
    ready.unload();
    if (count < 1 || count > plan.batch()) {
      throw new IllegalArgumentException(
          "batch has " + count + " images; allowed: 1 to " + plan.batch());
    }
    checkImages(count, images);
    checkCrops(count, crops);
    checkNoise(count, noise);
    checkLabels(count, labels);
    int next = (slot + 1) % InputShape.SLOTS;
    for (Tower tower : towers) {
      copy(tower, next, images.duplicate().position(0).limit((int) imageBytes(count)));
      int[] padded = Arrays.copyOf(crops, 3 * plan.batch());
      Arrays.fill(padded, 3 * count, padded.length, 0);
      tower.buffer(tower.plan().buffer("crops").id()).copyIn(tower.stream(), padded);
      float[] paddedNoise = noise == null ? without : Arrays.copyOf(noise, without.length);
      tower.buffer(tower.plan().buffer("noise").id()).copyIn(tower.stream(), paddedNoise);
    }
    slot = next;
    loaded(count, labels, false);
  }

  private void copy(Tower tower, int to, ByteBuffer pixels) {
    BufferSpec spec = tower.plan().buffer("images");
    tower.buffer(spec.id()).copyIn(tower.stream(), to * (spec.bytes() / InputShape.SLOTS), pixels);
  }

  private long imageBytes(int count) {
    return 3L * count * plan.spec().sourceSize() * plan.spec().sourceSize();
  }

  private void checkImages(int count, ByteBuffer images) {
    Objects.requireNonNull(images, "images");
    if (images.limit() < imageBytes(count)) {
      int side = plan.spec().sourceSize();
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "images has %d bytes; needed: %d for %d images of %d x %d x 3",
              images.limit(),
              imageBytes(count),
              count,
              side,
              side));
    }
  }

  private void checkCrops(int count, int[] crops) {
    requireLength("crops", Objects.requireNonNull(crops, "crops").length, 3, count);
    int last = plan.spec().sourceSize() - plan.spec().inputSize();
    for (int i = 0; i < count; i++) {
      int top = crops[3 * i];
      int left = crops[3 * i + 1];
      if (top < 0 || left < 0 || top > last || left > last) {
        throw new IllegalArgumentException(
            "crop of image " + i + " starts at " + top + "," + left + "; allowed: 0 to " + last);
      }
      int flip = crops[3 * i + 2];
      if (flip < 0 || flip > 1) {
        throw new IllegalArgumentException(
            "flip of image " + i + " is " + flip + "; allowed: 0 and 1");
      }
    }
  }

  private static void checkNoise(int count, float[] noise) {
    if (noise != null) {
      requireLength("noise", noise.length, 4, count);
      requireFinite("noise", noise, 4 * count);
    }
  }

  private void checkLabels(int count, int[] labels) {
    if (labels != null) {
      requireLength("labels", labels.length, 1, count);
      int last = plan.spec().classes() - 1;
      for (int i = 0; i < count; i++) {
        if (labels[i] < 0 || labels[i] > last) {
          throw new IllegalArgumentException(
              "label of image " + i + " is " + labels[i] + "; allowed: 0 to " + last);
        }
      }
    }
  }

  private static void requireLength(String name, int length, int each, int count) {
    if (length < (long) each * count) {
      throw new IllegalArgumentException(
          name
              + " has "
              + length
              + " values; needed: "
              + each
              + " for each of "
              + count
              + " images");
    }
  }

  private static void requireFinite(String name, float[] values, int count) {
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            name + "[" + i + "] is " + values[i] + "; allowed: finite numbers");
      }
    }
  }

  /** See {@link Towers#loadInput}. */
  void loadInput(float[] x, int[] labels) {
    ready.unload();
    Objects.requireNonNull(x, "x");
    for (Tower tower : towers) {
      long needed = tower.plan().buffer("input").bytes() / Float.BYTES;
      if (x.length != needed) {
        int side = plan.spec().inputSize();
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "x has %d values; needed: %d for %d images of %d x %d x 3",
                x.length,
                needed,
                plan.batch(),
                side,
                side));
      }
    }
    requireFinite("x", x, x.length);
    checkLabels(plan.batch(), labels);
    for (Tower tower : towers) {
      tower.buffer(tower.plan().buffer("input").id()).copyIn(tower.stream(), x);
    }
    loaded(plan.batch(), labels, true);
  }

  /** The last part of loading. */
  private void loaded(int count, int[] labels, boolean asInput) {
    if (labels != null) {
      int[] padded = new int[plan.batch()];
      System.arraycopy(labels, 0, padded, 0, count);
      Tower first = towers.get(0);
      first.buffer(plan.labels()).copyIn(first.stream(), padded);
    }
    for (Tower tower : towers) {
      tower.state().labelled = labels != null;
      tower.state().skipInput = asInput;
    }
    ready.loaded(count, labels != null, asInput);
  }
}
