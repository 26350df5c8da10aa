package org.alexnet4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.alexnet4j.plan.LayerSummary;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Parameters, multiply-accumulates of an image and neurons of the presets, by hand from their
 * layers: the fact sheet, section 1, and the CIFAR-10 sheet, section 3.
 */
class PresetCountsTest {
  @ParameterizedTest
  @CsvSource({
    "paper-2012, 60965224, 724406816, 659272",
    "code-2012, 60965224, 724406816, 659272",
    "paper-small-sets, 60965224, 724406816, 659272",
    "one-gpu-2012, 59798312, 391514384, 355864",
    // conv2 26 x 26 x 256 and conv5 11 x 11 x 256 instead of 27 x 27 and 13 x 13
    "no-overlap, 60965224, 686891552, 633416",
    "no-norm, 60965224, 724406816, 659272",
    // 256 filters of 3 x 3 x 256 on 6 x 6: 590,080 parameters, 21,233,664 products, 9,216 neurons
    "six-conv, 61555304, 745640480, 668488",
    "six-conv-pretrain, 61555304, 745640480, 668488",
    // without conv2's 307,456; conv3's filters see 96 maps instead of 256
    "depth-minus-conv2, 60104808, 407007776, 472648",
    // without conv3's 885,120; conv4's filters see 256 maps instead of 192
    "depth-minus-conv3, 60301288, 612266528, 594376",
    "depth-minus-conv4, 60301288, 612266528, 594376",
    // without conv5's 442,624; fc6 sees 384 maps instead of 256
    "depth-minus-conv5, 79396968, 668520992, 616008",
    // 227 gives the same planes as 224 here
    "caffe-alexnet, 60965224, 724406816, 659272",
    "caffenet, 60965224, 724406816, 659272",
    // conv1 55x55x64 x 363, conv2 27x27x192 x 1,600, then 13x13: 384 x 1,728, 256 x 3,456, 256 x
    // 2,304
    "torchvision, 61100840, 714188480, 494184",
    "cifar10-80sec, 145578, 12354176, 45130",
    "cifar10-19pct, 89578, 12298240, 45066",
    "cifar10-18pct, 89578, 12298240, 45066",
    "cifar10-13pct, 1116490, 18517248, 48394",
    "cifar10-11pct, 2112970, 19512576, 49546",
    "figure-1, 89578, 12298240, 45066",
  })
  void areThoseOfThePublication(String preset, long parameters, long macs, long neurons) {
    Configuration configuration = ConfigReader.preset(preset);
    Plan plan = Planner.plan(configuration.network(), 1, Purpose.INFER, configuration.mean(), 0);
    assertEquals(parameters, plan.layers().stream().mapToLong(LayerSummary::parameters).sum());
    assertEquals(macs, plan.layers().stream().mapToLong(LayerSummary::macs).sum());
    assertEquals(neurons, plan.neurons());
  }
}
