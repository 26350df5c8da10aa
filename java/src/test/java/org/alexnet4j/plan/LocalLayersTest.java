package org.alexnet4j.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.plan.cost.Work;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Locally connected layers in a plan: the numbers of cuda-convnet's networks that have them. */
class LocalLayersTest {
  /** Its network conv-local-13pct, on whole images. */
  private static final String NET_13 =
      """
      name: conv-local-13pct
      network:
        towers: 1
        input: 32
        source: 32
        mean: pixel
        layers:
          conv1: {type: conv, maps: 64, kernel: 5, pad: 2, sigma: 0.0001, bias: 0, decay: 0}
          relu1: {type: relu}
          pool1: {type: pool, size: 3, stride: 2}
          conv2: {type: conv, maps: 64, kernel: 5, pad: 2, sigma: 0.01, bias: 0, decay: 0}
          relu2: {type: relu}
          pool2: {type: pool, size: 3, stride: 2}
          local3: {type: local, maps: 32, kernel: 3, pad: 1, sigma: 0.04, bias: 0, decay: 0.004}
          relu3: {type: relu}
          local4: {type: local, maps: 32, kernel: 3, pad: 1, sigma: 0.04, bias: 0, decay: 0.004}
          relu4: {type: relu}
          fc5: {type: fc, units: 10, towers: first, sigma: 0.01, bias: 0, decay: 0.004}
          softmax: {type: softmax}
      training: {batch: 128, epochs: 10, rate: 0.001, momentum: 0.9}
      augmentation: {}
      """;

  /** conv-local-11pct: twice the maps in local3, and normalisation, which has no parameters. */
  private static final String NET_11 =
      NET_13
          .replace("local3: {type: local, maps: 32", "local3: {type: local, maps: 64")
          .replace(
              "    conv2:",
              "    norm1: {type: lrn, size: 9, k: 1, alpha: 1.1111111e-4, beta: 0.75}\n    conv2:");

  private static Plan plan(String net, int input, Purpose purpose) {
    Configuration c = ConfigReader.text("net", net.replace("input: 32", "input: " + input));
    return Planner.plan(c.network(), 4, purpose, c.mean(), 1);
  }

  @ParameterizedTest
  @CsvSource({
    "13, 32, 1901386, 32919552",
    "13, 24, 1116490, 18517248",
    "11, 32, 3672906, 34689024",
    "11, 24, 2112970, 19512576"
  })
  void networksHaveTheirNumbers(int error, int input, long parameters, long macs) {
    Plan plan = plan(error == 13 ? NET_13 : NET_11, input, Purpose.TRAIN);
    assertEquals(parameters, plan.parameterCount());
    assertEquals(macs, plan.macs());
  }

  @Test
  void aLayerIsSummarised() {
    LayerSummary local3 =
        plan(NET_13, 32, Purpose.TRAIN).layers().stream()
            .filter(l -> l.name().equals("local3"))
            .findFirst()
            .orElseThrow();
    assertEquals("local", local3.kind());
    assertEquals(new Extent(8, 8, 32), local3.output());
    assertEquals(64 * 32 * (9 * 64 + 1), local3.parameters());
    assertEquals(8 * 8 * 32 * 9 * 64, local3.macs());
    assertEquals(8 * 8 * 32, local3.neurons());
  }

  @Test
  void tensorsHavePositionsFirst() {
    List<TensorSpec> tensors = TensorSpec.of(plan(NET_13, 24, Purpose.TRAIN));
    TensorSpec weight = tensor(tensors, "local3.weight");
    assertEquals(ImmutableList.of(6L, 6L, 32L, 64L, 3L, 3L), weight.shape());
    assertEquals(9 * 64, weight.rowCount());
    TensorSpec bias = tensor(tensors, "local3.bias");
    assertEquals(ImmutableList.of(6L, 6L, 32L), bias.shape());
    assertEquals(1, bias.rowCount());
    assertEquals(ImmutableList.of(64L, 64L, 5L, 5L), tensor(tensors, "conv2.weight").shape());
  }

  private static TensorSpec tensor(List<TensorSpec> tensors, String name) {
    return tensors.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  /** What an inspection sums for the biases: over images alone, for every output. */
  @Test
  void biasesAreSummedOverImages() {
    TowerPlan tower = plan(NET_13, 32, Purpose.INSPECT).towers().get(0);
    List<Operation.BiasGrad> sums =
        tower
            .operations()
            .filter(o -> o instanceof Operation.BiasGrad && o.layer().startsWith("local"))
            .map(o -> (Operation.BiasGrad) o)
            .toList();
    assertEquals(2, sums.size());
    for (Operation.BiasGrad sum : sums) {
      assertEquals(4, sum.rows());
      assertEquals(8 * 8 * 32, sum.channels());
    }
  }

  /** Weights are as many bytes as products of one image: every position reads its own. */
  @Test
  void workCountsEveryPositionsWeights() {
    TowerPlan tower = plan(NET_13, 32, Purpose.TRAIN).towers().get(0);
    Operation fprop =
        tower
            .operations()
            .filter(o -> o instanceof Operation.LocalFprop && o.layer().equals("local3"))
            .findFirst()
            .orElseThrow();
    Work work = Work.of(fprop, tower);
    long macs = 8 * 8 * 32 * 9 * 64;
    assertEquals(2.0 * 4 * macs, work.flops());
    assertEquals(4.0 * (macs + 4 * 8 * 8 * 64 + 4 * 8 * 8 * 32 + 8 * 8 * 32), work.bytes());
    assertTrue(tower.operations().anyMatch(o -> o instanceof Operation.LocalWgrad));
  }
}
