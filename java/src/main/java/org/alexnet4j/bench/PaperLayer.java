package org.alexnet4j.bench;

import com.google.common.collect.ImmutableList;
import java.util.stream.Collectors;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.FcShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;

/**
 * A pass of a layer of the paper's network as one tower computes it, for benchmarks. Families,
 * passes and names are those of {@code kernel_check --bench}.
 *
 * @param family conv, fc, lrn or pool
 * @param pass fprop, dgrad, wgrad or bprop
 * @param name conv1, norm1, fc6-plane and so on
 * @param shape a {@link ConvShape}, {@link FcShape}, {@link LrnShape} or {@link PoolShape}
 */
public record PaperLayer(String family, String pass, String name, Record shape) {

  /** Returns every pass of every layer for a number of images. */
  public static ImmutableList<PaperLayer> all(int N) {
    ImmutableList.Builder<PaperLayer> all = ImmutableList.builder();
    ConvShape conv1 = new ConvShape(N, 3, 224, 224, 48, 11, 11, 4, 0, 1);
    // Its dgrad is never computed: nobody asks for the gradient by the image.
    all.add(new PaperLayer("conv", "fprop", "conv1", conv1));
    all.add(new PaperLayer("conv", "wgrad", "conv1", conv1));
    add(all, "conv2", new ConvShape(N, 48, 27, 27, 128, 5, 5, 1, 2, 1));
    add(all, "conv3-plane", new ConvShape(N, 128, 13, 13, 192, 3, 3, 1, 1, 1));
    add(all, "conv4", new ConvShape(N, 192, 13, 13, 192, 3, 3, 1, 1, 1));
    add(all, "conv5", new ConvShape(N, 192, 13, 13, 128, 3, 3, 1, 1, 1));
    add(all, "conv2-both", new ConvShape(N, 96, 27, 27, 256, 5, 5, 1, 2, 2));
    for (String pass : new String[] {"fprop", "dgrad", "wgrad"}) {
      all.add(new PaperLayer("fc", pass, "fc6-plane", new FcShape(N, 4608, 2048)));
      all.add(new PaperLayer("fc", pass, "fc7-plane", new FcShape(N, 2048, 2048)));
      all.add(new PaperLayer("fc", pass, "fc8-plane", new FcShape(N, 2048, 1000)));
    }
    for (String pass : new String[] {"fprop", "bprop"}) {
      all.add(new PaperLayer("lrn", pass, "norm1", lrn(N, 55, 48)));
      all.add(new PaperLayer("lrn", pass, "norm2", lrn(N, 27, 128)));
      all.add(new PaperLayer("pool", pass, "pool1", pool(N, 55, 48)));
      all.add(new PaperLayer("pool", pass, "pool2", pool(N, 27, 128)));
      all.add(new PaperLayer("pool", pass, "pool5", pool(N, 13, 128)));
    }
    return all.build();
  }

  /**
   * Returns the layer of these names.
   *
   * @throws IllegalArgumentException if there is none; the text lists them
   */
  public static PaperLayer of(String pass, String name, int N) {
    return all(N).stream()
        .filter(layer -> layer.pass.equals(pass) && layer.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no layer '"
                        + name
                        + "' with pass '"
                        + pass
                        + "'; allowed: "
                        + all(N).stream()
                            .map(layer -> layer.name + " " + layer.pass)
                            .collect(Collectors.joining(", "))));
  }

  /** Returns family, pass and name as one word. */
  public String key() {
    return family + "/" + pass + "/" + name;
  }

  /** Returns whether an engine has this pass itself, and does not hand it to our kernels. */
  public boolean isIn(String engine) {
    return switch (engine) {
      case "onednn" -> shape instanceof FcShape || shape instanceof ConvShape s && s.G() == 1;
      default -> true;
    };
  }

  private static void add(ImmutableList.Builder<PaperLayer> all, String name, ConvShape shape) {
    all.add(new PaperLayer("conv", "fprop", name, shape));
    all.add(new PaperLayer("conv", "dgrad", name, shape));
    all.add(new PaperLayer("conv", "wgrad", name, shape));
  }

  private static LrnShape lrn(int N, int size, int C) {
    return new LrnShape(N, size, size, C, 5, 2f, 1e-4f, 0.75f);
  }

  /** Ties go to the first, as libraries have it; the benchmark's inputs have none. */
  private static PoolShape pool(int N, int size, int C) {
    return new PoolShape(N, size, size, C, 3, 2, PoolShape.Mode.MAX, PoolShape.Ties.FIRST);
  }
}
