package org.alexnet4j.device;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Host devices have as many cores as they are given. */
class DeviceThreadsTest {

  @ParameterizedTest
  @ValueSource(strings = {"emu:0", "cpu:0"})
  void hostDevicesTakeTheirNumber(String id) {
    try (Device device = Device.open(DeviceId.parse(id))) {
      assertTrue(device.describe().contains("\"threads\":1,"), device::describe);
      device.threads(3);
      assertTrue(device.describe().contains("\"threads\":3,"), device::describe);
      assertThrows(IllegalArgumentException.class, () -> device.threads(0));
    }
  }
}
