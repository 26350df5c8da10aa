package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.StoredFloats;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.tower.image.ImageMemory;
import org.alexnet4j.tower.image.ImageSlots;

/**
 * Brings batches to the towers: the images to each device once, into the slot that the last pass
 * does not read, everything else to each tower with the pass. All of it is checked first, then
 * queued, then said to be there.
 *
 * <p>Threads: the coordinator; passes may be under way while a batch is loaded.
 */
final class TowerInput {
  private final Plan plan;
  private final ImmutableList<Tower> towers;
  private final ImmutableList<ImageSlots> devices;
  private final Readiness ready;
  private final List<ImageMemory> memories = new ArrayList<>();
  private int slot;
  private int readSlot;

  /**
   * Creates the input of towers.
   *
   * @param devices the images of each device that towers use
   */
  TowerInput(
      Plan plan, ImmutableList<Tower> towers, ImmutableList<ImageSlots> devices, Readiness ready) {
    this.plan = plan;
    this.towers = towers;
    this.devices = devices;
    this.ready = ready;
  }

  /** Returns memory from which all devices copy by themselves; whoever asked closes it. */
  ImageMemory memory() {
    Set<DeviceId> ids = new LinkedHashSet<>();
    devices.forEach(images -> ids.add(images.device().id()));
    ImageMemory memory = new ImageMemory(ids);
    memories.removeIf(ImageMemory::isClosed);
    memories.add(memory);
    return memory;
  }

  /** Returns how many images the present batch has; 0 without one. */
  int loaded() {
    return ready.images();
  }

  /**
   * Queues what a pass with the present batch needs on every tower's compute stream.
   *
   * @param ends for each tower, what it records at the end of the pass
   */
  void send(StepSettings settings, Event[] ends) {
    for (ImageSlots images : devices) {
      List<Event> readers = new ArrayList<>();
      for (int t = 0; t < ends.length; t++) {
        if (towers.get(t).device() == images.device()) {
          images.awaitArrival(slot, towers.get(t).stream());
          readers.add(ends[t]);
        }
      }
      images.read(slot, readers);
    }
    for (Tower tower : towers) {
      tower.prepare(settings, slot);
    }
    readSlot = slot;
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
    int next = nextSlot();
    if (own(count) > 0) {
      upload(next, (int) imageBytes(count), images);
    }
    slot = next;
    loaded(count, crops, noise, labels, false);
  }

  /** Returns the slot that the last pass does not read; the only one if there is one. */
  private int nextSlot() {
    return (readSlot + 1) % plan.imageSlots();
  }

  private void upload(int to, int bytes, ByteBuffer images) {
    ImageMemory.Slot own = null;
    for (int i = 0; i < memories.size() && own == null; i++) {
      own = memories.get(i).find(images);
    }
    for (int d = 0; d < devices.size(); d++) {
      if (own != null) {
        devices.get(d).upload(to, own.host(), bytes, own.copied(d));
      } else {
        devices.get(d).upload(to, images.duplicate().position(0).limit(bytes));
      }
    }
    if (own != null) {
      own.sent();
    }
  }

  private long imageBytes(int count) {
    return 3L * own(count) * plan.spec().sourceSize() * plan.spec().sourceSize();
  }

  /** Returns how many images of a batch are this rank's. */
  private int own(int count) {
    return Math.max(0, Math.min(plan.ownImages(), count - plan.firstImage()));
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
              own(count),
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
      long needed = plan.part().ranks() * ownValues(tower);
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
      int first = Math.toIntExact(plan.part().rank() * ownValues(tower));
      for (BufferSpec slice : tower.plan().slices("input")) {
        int count = (int) slice.count();
        float[] piece = Arrays.copyOfRange(x, first, first + count);
        StoredFloats.write(
            tower.buffer(slice.id()), tower.stream(), slice.valueBytes(), 0, piece, count);
        first += count;
      }
    }
    slot = nextSlot();
    loaded(plan.batch(), null, null, labels, true);
  }

  /** Returns how many values of a whole input are this rank's. */
  private static long ownValues(Tower tower) {
    return tower.plan().slices("input").stream().mapToLong(BufferSpec::count).sum();
  }

  /** The last part of loading. */
  private void loaded(int count, int[] crops, float[] noise, int[] labels, boolean asInput) {
    for (Tower tower : towers) {
      tower.source().batch(slot, count, crops, noise, labels);
    }
    ready.loaded(count, labels != null, asInput);
  }
}
