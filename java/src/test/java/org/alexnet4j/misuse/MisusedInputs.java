package org.alexnet4j.misuse;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/** Wrong batches, tensors and layers, each with the answer that it must get. */
final class MisusedInputs extends MisuseAnswers {
  private static final StepSettings STEP = new StepSettings(1, 0.01f, 0.01f, 0.9f);

  MisusedInputs(Path folder) {
    super(folder);
  }

  @Override
  void cases() throws Exception {
    mappedImages();
    loads();
    tensors();
    layers();
  }

  private void mappedImages() throws IOException {
    try (Towers towers = MisuseTowers.ready(Purpose.TRAIN)) {
      MisuseTowers.load(towers);
      ByteBuffer images = cut("images.npy", 1 << 16);
      expect(
          "load of a file that was cut",
          UncheckedIOException.class,
          folder.resolve("images.npy").toString(),
          () -> towers.load(2, images, new int[6], null, new int[2]));
      expect("step after that", STATE, "no batch is loaded", () -> towers.step(STEP));
    }
  }

  private void loads() {
    try (Towers towers = MisuseTowers.ready(Purpose.TRAIN)) {
      int images = 2 * MisuseTowers.IMAGE_BYTES;
      ByteBuffer pixels = ByteBuffer.allocateDirect(images);
      float[] noise = new float[8];
      noise[5] = Float.NaN;
      int x = 2 * MisuseTowers.SIZE * MisuseTowers.SIZE * 3;
      float[] infinite = new float[x];
      infinite[7] = Float.POSITIVE_INFINITY;
      refused(
          towers,
          "images has 10 bytes; needed: " + images + " for 2 images of 10 x 10 x 3",
          () -> towers.load(2, ByteBuffer.allocate(10), new int[6], null, new int[2]));
      refused(
          towers, "crops has 5 values", () -> towers.load(2, pixels, new int[5], null, new int[2]));
      refused(
          towers,
          "noise has 7 values; needed: 4 for each of 2 images",
          () -> towers.load(2, pixels, new int[6], new float[7], new int[2]));
      refused(
          towers, "noise[5] is NaN", () -> towers.load(2, pixels, new int[6], noise, new int[2]));
      refused(
          towers,
          "labels has 1 values",
          () -> towers.load(2, pixels, new int[6], null, new int[1]));
      refused(
          towers,
          "label of image 1 is 3; allowed: 0 to 2",
          () -> towers.load(2, pixels, new int[6], null, new int[] {0, 3}));
      refused(
          towers,
          "crop of image 0 starts at 3,0",
          () -> towers.load(2, pixels, new int[] {3, 0, 0, 0, 0, 0}, null, new int[2]));
      refused(
          towers,
          "flip of image 1 is 2",
          () -> towers.load(2, pixels, new int[] {0, 0, 0, 0, 0, 2}, null, new int[2]));
      refused(
          towers, "batch has 3 images", () -> towers.load(3, pixels, new int[9], null, new int[3]));
      refused(
          towers, "x has 7 values; needed: " + x, () -> towers.loadInput(new float[7], new int[2]));
      refused(
          towers,
          "label of image 0 is -1",
          () -> towers.loadInput(new float[x], new int[] {-1, 0}));
      refused(towers, "labels has 1", () -> towers.loadInput(new float[x], new int[1]));
      refused(towers, "x[7] is Infinity", () -> towers.loadInput(infinite, new int[2]));
      MisuseTowers.load(towers);
      expect("a mean of two", ARGUMENT, "mean has 2 values", () -> towers.mean(new float[2]));
      expect(
          "a mean of NaN",
          ARGUMENT,
          "mean[0] is NaN",
          () -> towers.mean(new float[] {Float.NaN, 0, 0}));
      expect("read of tower 2", ARGUMENT, "tower is 2", () -> towers.read(2, "relu1"));
      towers.step(STEP);
    }
  }

  /** A load that fails, after which no step can run. */
  private void refused(Towers towers, String text, Call load) {
    MisuseTowers.load(towers);
    expect("load", ARGUMENT, text, load);
    expect("step after a failed load", STATE, "no batch is loaded", () -> towers.step(STEP));
  }

  private void tensors() throws IOException {
    try (Towers towers = MisuseTowers.ready(Purpose.TRAIN)) {
      ParameterStore store = new ParameterStore(towers);
      for (TensorSpec foreign : TensorSpec.of(MisuseTowers.plan(2, Purpose.INSPECT))) {
        float value = foreign.name().hashCode() % 100;
        store.write(foreign, Role.VALUE, (first, rows, values) -> Arrays.fill(values, value));
      }
      for (TensorSpec own : store.tensors()) {
        float value = own.name().hashCode() % 100;
        store.read(
            own,
            Role.VALUE,
            (first, rows, values) ->
                require(
                    "tensors go by their name", values[0] == value && values[rows - 1] == value));
      }
      TensorSpec first = store.tensors().get(0);
      TensorSpec odd = new TensorSpec(first.name(), ImmutableList.of(1L, 2L), first.pieces());
      expect(
          "a tensor of another shape",
          ARGUMENT,
          "conv1.weight has the shape [1, 2]; needed: [8, 3, 3, 3]",
          () -> store.write(odd, Role.VALUE, (f, n, v) -> {}));
      TensorSpec unknown = new TensorSpec("fc9.weight", first.shape(), first.pieces());
      expect(
          "a tensor of another network",
          ARGUMENT,
          "no tensor fc9.weight; there are: conv1.weight",
          () -> store.read(unknown, Role.VALUE, (f, n, v) -> {}));
      expect(
          "a gradient that is never stored",
          STATE,
          "fc3.weight has no GRADIENT",
          () -> store.read(tensor(store, "fc3.weight"), Role.GRADIENT, (f, n, v) -> {}));
    }
  }

  /** A layer that runs with others as one operation answers for itself. */
  private void layers() {
    expect(
        "even LRN size",
        ARGUMENT,
        "norm1: lrn size is 4; allowed: an odd number",
        () -> new LayerSpec.Lrn("norm1", 4, 2, 1e-4f, 0.75f));
    expect(
        "LRN with k of 0",
        ARGUMENT,
        "norm1: lrn has k=0.0",
        () -> new LayerSpec.Lrn("norm1", 5, 0, 1e-4f, 0.75f));
    expect(
        "keep 2", ARGUMENT, "drop6: dropout keep is 2.0", () -> new LayerSpec.Dropout("drop6", 2));
    expect(
        "pool size 0",
        ARGUMENT,
        "pool1: pool size 0",
        () -> new LayerSpec.Pool("pool1", 0, 2, PoolShape.Mode.MAX, PoolShape.Ties.ALL));
  }

  private static TensorSpec tensor(ParameterStore store, String name) {
    return store.tensors().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }
}
