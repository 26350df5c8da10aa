package org.alexnet4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Devices;
import org.junit.jupiter.api.Test;

class LayerTrialTest {
  private static final DeviceId CPU = new DeviceId(DeviceKind.CPU, 0);

  /** Every pass runs, agrees with itself, and where oneDNN has it with oneDNN. */
  @Test
  void everyPassOfEveryLayerRuns() {
    Set<String> keys = new HashSet<>();
    for (PaperLayer layer : PaperLayer.all(1)) {
      assertTrue(keys.add(layer.key()), layer.key());
      String peer = layer.isIn("onednn") ? "onednn" : "kernels";
      try (LayerTrial trial = LayerTrial.open(layer, CPU, peer, 1);
          LayerTrial other = LayerTrial.open(layer, CPU, "kernels", 1)) {
        trial.verifyAgainst(other);
      }
    }
    assertEquals(0, Devices.liveHandles());
  }

  @Test
  void timesAreSortedAndPositive() {
    PaperLayer layer = PaperLayer.of("fprop", "pool5", 1);
    try (LayerTrial trial = LayerTrial.open(layer, CPU, "kernels", 1)) {
      double[] times = trial.time(5);
      assertEquals(5, times.length);
      assertTrue(times[0] > 0 && times[0] <= times[4]);
    }
  }

  @Test
  void whatDiffersIsNotTimed() {
    PaperLayer two = PaperLayer.of("fprop", "norm2", 1);
    PaperLayer one =
        new PaperLayer("pool", "fprop", "pool2", PaperLayer.of("fprop", "pool2", 1).shape());
    try (LayerTrial trial = LayerTrial.open(one, CPU, "kernels", 1);
        LayerTrial other = LayerTrial.open(two, CPU, "kernels", 1)) {
      assertThrows(IllegalStateException.class, () -> trial.verifyAgainst(other));
    }
  }

  @Test
  void refusesWhatIsNotThere() {
    IllegalArgumentException unknown =
        assertThrows(IllegalArgumentException.class, () -> PaperLayer.of("dgrad", "conv1", 1));
    assertTrue(unknown.getMessage().contains("conv2 dgrad"), unknown.getMessage());
    PaperLayer layer = PaperLayer.of("fprop", "conv5", 1);
    assertThrows(IllegalArgumentException.class, () -> LayerTrial.open(layer, CPU, "cudnn", 1));
  }
}
