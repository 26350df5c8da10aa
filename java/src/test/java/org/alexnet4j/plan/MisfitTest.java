package org.alexnet4j.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.PoolShape.Mode;
import org.alexnet4j.shape.PoolShape.Ties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A layer that does not fit is named itself, whatever it would run together with. */
final class MisfitTest {
  private static NetworkSpec with(LayerSpec changed) {
    return AlexNet.paper2012().withLayers(l -> l.name().equals(changed.name()) ? changed : l);
  }

  private static String refusal(NetworkSpec spec, int batch, Purpose purpose) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Planner.plan(spec, batch, purpose, Mean.CHANNEL, 0));
    assertEquals(IllegalArgumentException.class, e.getClass());
    return e.getMessage();
  }

  @ParameterizedTest
  @EnumSource(Purpose.class)
  void isNamedItself(Purpose purpose) {
    Parameters p = Parameters.paper(0);
    // Alone, between a rectifier and a pooling, at the end of three.
    assertEquals(
        "pool1: pool window 56 is larger than its input 55x55",
        refusal(with(new Pool("pool1", 56, 2, Mode.MAX, Ties.ALL)), 1, purpose));
    assertEquals(
        "pool5: pool with size 1 and stride 14 has an empty last window on 13x13",
        refusal(with(new Pool("pool5", 1, 14, Mode.MAX, Ties.ALL)), 1, purpose));
    assertEquals(
        "conv2: conv filter 32x32 is larger than its padded input 31x31",
        refusal(with(new Conv("conv2", 128, 32, 1, 2, Reads.TOWER, p)), 1, purpose));
    assertEquals(
        "fc6: fc6.weight.a has more than 2^31 bytes on one tower",
        refusal(with(new Fc("fc6", 1 << 20, false, p)), 1, purpose));
  }

  @Test
  void valuesOfALayerAreCheckedWhereItIsMade() {
    assertThrowsWith(
        "norm1: lrn size is 4; allowed: an odd number", () -> new Lrn("norm1", 4, 2, 1, 1));
    assertThrowsWith(
        "drop6: dropout keep is 2.0; allowed: above 0, up to 1", () -> new Dropout("drop6", 2));
    assertThrowsWith(
        "pool1: pool size 3, stride 0; allowed: 1 to 16384",
        () -> new Pool("pool1", 3, 0, Mode.MAX, Ties.ALL));
    assertThrowsWith(
        "c: pad is 2147483647; allowed: 0 to 16,384",
        () -> new Conv("c", 1, 1, 1, Integer.MAX_VALUE, Reads.TOWER, Parameters.paper(0)));
    assertThrowsWith(
        "f: units is 16777217; allowed: 1 to 16,777,216",
        () -> new Fc("f", 1 + (1 << 24), true, Parameters.paper(0)));
  }

  private static void assertThrowsWith(
      String message, org.junit.jupiter.api.function.Executable made) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, made).getMessage());
  }

  /** One weight for each pixel of the largest image: 3 * 16384 * 16384 inputs of one unit. */
  @Test
  void productsThatNoIntHoldsAreRefused() {
    List<LayerSpec> layers = new ArrayList<>();
    layers.add(new Fc("fc", 10, true, Parameters.paper(0)));
    layers.add(new LayerSpec.Softmax("softmax"));
    NetworkSpec wide = new NetworkSpec("wide", 1, 16384, 16384, ImmutableList.copyOf(layers));
    assertEquals(
        "fc: fc.weight has more than 2^31 bytes on one tower", refusal(wide, 1, Purpose.INFER));
    layers.add(0, new Conv("conv", 64, 1, 1, 0, Reads.TOWER, Parameters.paper(0)));
    NetworkSpec deep = new NetworkSpec("deep", 1, 16384, 16384, ImmutableList.copyOf(layers));
    assertEquals(
        "conv: a plane of 16384x16384x64 has 17179869184 values for one image; allowed: fewer than 2^31",
        refusal(deep, 1, Purpose.INFER));
    assertEquals(
        "batch is 2147483647; allowed: 1 to 65,536",
        refusal(AlexNet.paper2012(), Integer.MAX_VALUE, Purpose.TRAIN));
  }

  /** Many bytes are a matter for the device, not for arithmetic. */
  @Test
  void largeButCountablePlansAreMade() {
    Plan plan = Planner.plan(AlexNet.paper2012(), 65536, Purpose.INFER, Mean.CHANNEL, 0);
    assertTrue(plan.bytes() > 1L << 33);
  }
}
