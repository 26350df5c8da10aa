package org.alexnet4j.net;

import com.google.common.collect.ImmutableList;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.shape.PoolShape;

/** Describes the network of the paper (section 3.5 and figure 2) in code. */
public final class AlexNet {
  private AlexNet() {}

  /**
   * {@return the two-tower network of the paper: 224 input, 1000 classes, 60,965,224 parameters}
   */
  public static NetworkSpec paper2012() {
    ImmutableList.Builder<LayerSpec> layers = ImmutableList.builder();
    layers.add(conv("conv1", 48, 11, 4, 0, Reads.TOWER, 0), new Relu("relu1"));
    layers.add(lrn("norm1"), pool("pool1"));
    layers.add(conv("conv2", 128, 5, 1, 2, Reads.TOWER, 1), new Relu("relu2"));
    layers.add(lrn("norm2"), pool("pool2"));
    layers.add(conv("conv3", 192, 3, 1, 1, Reads.ALL, 0), new Relu("relu3"));
    layers.add(conv("conv4", 192, 3, 1, 1, Reads.TOWER, 1), new Relu("relu4"));
    layers.add(conv("conv5", 128, 3, 1, 1, Reads.TOWER, 1), new Relu("relu5"));
    layers.add(pool("pool5"));
    layers.add(fc("fc6", 2048, false, 1), new Relu("relu6"), new Dropout("drop6", 0.5f));
    layers.add(fc("fc7", 2048, false, 1), new Relu("relu7"), new Dropout("drop7", 0.5f));
    layers.add(fc("fc8", 1000, true, 0), new Softmax("softmax"));
    return new NetworkSpec("paper-2012", 2, 224, 256, layers.build());
  }

  private static LayerSpec conv(
      String name, int maps, int kernel, int stride, int pad, Reads reads, float bias) {
    return new Conv(name, maps, kernel, stride, pad, reads, Parameters.paper(bias));
  }

  private static LayerSpec fc(String name, int units, boolean firstTowerOnly, float bias) {
    return new Fc(name, units, firstTowerOnly, Parameters.paper(bias));
  }

  private static LayerSpec lrn(String name) {
    return new Lrn(name, 5, 2, 1e-4f, 0.75f);
  }

  private static LayerSpec pool(String name) {
    return new Pool(name, 3, 2, PoolShape.Mode.MAX, PoolShape.Ties.ALL);
  }
}
