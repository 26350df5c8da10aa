package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.shape.InputShape;

/**
 * Brings batches to the towers: images alternate between the slots of their buffer.
 *
 * <p>Threads: the coordinator, between passes.
 */
final class TowerInput {
  private final Plan plan;
  private final ImmutableList<Tower> towers;
  private final float[] without; // what noise is where a batch has none: zeros and a factor of 1
  private int loaded;
  private int slot;

  TowerInput(Plan plan, ImmutableList<Tower> towers) {
    this.plan = plan;
    this.towers = towers;
    this.without = new float[4 * plan.batch()];
    for (int i = 3; i < without.length; i += 4) {
      without[i] = 1;
    }
  }

  /** Returns how many images the present batch has; 0 before the first. */
  int loaded() {
    return loaded;
  }

  /** Returns where the images of the present batch are. */
  int slot() {
    return slot;
  }

  /** See {@link Towers#mean}. */
  void mean(float[] mean) {
    for (Tower tower : towers) {
      BufferSpec spec = tower.plan().buffer("mean");
      if (4L * mean.length != spec.bytes()) {
        throw new IllegalArgumentException(
            "mean has " + mean.length + " values; allowed: " + spec.bytes() / 4);
      }
      tower.buffer(spec.id()).copyIn(tower.stream(), mean);
    }
  }

  /** See {@link Towers#load}. */
  void load(int count, ByteBuffer images, int[] crops, float[] noise, int[] labels) {
    if (count < 1 || count > plan.batch()) {
      throw new IllegalArgumentException(
          "batch has " + count + " images; allowed: 1 to " + plan.batch());
    }
    checkCrops(count, crops);
    if (noise != null && noise.length < 4 * count) {
      throw new IllegalArgumentException(
          "noise has " + noise.length + " values; needed: 4 for each of " + count + " images");
    }
    int next = (slot + 1) % InputShape.SLOTS;
    for (Tower tower : towers) {
      ByteBuffer pixels = images.duplicate();
      pixels.position(0).limit(count * 3 * plan.spec().sourceSize() * plan.spec().sourceSize());
      BufferSpec spec = tower.plan().buffer("images");
      tower
          .buffer(spec.id())
          .copyIn(tower.stream(), next * spec.bytes() / InputShape.SLOTS, pixels);
      int[] padded = Arrays.copyOf(crops, 3 * plan.batch());
      Arrays.fill(padded, 3 * count, padded.length, 0);
      tower.buffer(tower.plan().buffer("crops").id()).copyIn(tower.stream(), padded);
      float[] paddedNoise = noise == null ? without : Arrays.copyOf(noise, without.length);
      tower.buffer(tower.plan().buffer("noise").id()).copyIn(tower.stream(), paddedNoise);
    }
    loadLabels(count, labels);
    slot = next;
  }

  private void checkCrops(int count, int[] crops) {
    int last = plan.spec().sourceSize() - plan.spec().inputSize();
    for (int i = 0; i < count; i++) {
      int top = crops[3 * i];
      int left = crops[3 * i + 1];
      if (top < 0 || left < 0 || top > last || left > last) {
        throw new IllegalArgumentException(
            "crop of image " + i + " starts at " + top + "," + left + "; allowed: 0 to " + last);
      }
    }
  }

  private void loadLabels(int count, int[] labels) {
    loaded = count;
    boolean labelled = labels != null;
    if (labelled) {
      int classes = plan.spec().classes();
      int[] padded = new int[plan.batch()];
      for (int i = 0; i < count; i++) {
        if (labels[i] < 0 || labels[i] >= classes) {
          throw new IllegalArgumentException(
              "label of image " + i + " is " + labels[i] + "; allowed: 0 to " + (classes - 1));
        }
        padded[i] = labels[i];
      }
      Tower first = towers.get(0);
      first.buffer(plan.labels()).copyIn(first.stream(), padded);
    }
    for (Tower tower : towers) {
      tower.state().labelled = labelled;
      tower.state().skipInput = false;
    }
  }

  /** See {@link Towers#loadInput}. */
  void loadInput(float[] x, int[] labels) {
    loadLabels(plan.batch(), labels);
    for (Tower tower : towers) {
      BufferSpec spec = tower.plan().buffer("input");
      if (4L * x.length != spec.bytes()) {
        throw new IllegalArgumentException(
            "input has " + x.length + " values; allowed: " + spec.bytes() / 4);
      }
      tower.buffer(spec.id()).copyIn(tower.stream(), x);
      tower.state().skipInput = true;
    }
  }
}
