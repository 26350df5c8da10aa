package org.alexnet4j.misuse;

import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Stream;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepMode;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.bytedeco.javacpp.IntPointer;

/**
 * Fills more memory of a device than four times the heap, JavaCPP's limit, and goes on working. The
 * argument is the limit that must be in force for other users of JavaCPP.
 */
final class LargeMemory {
  private static final long BYTES = 200L << 20;

  private LargeMemory() {}

  public static void main(String[] arguments) throws Exception {
    try (Device device = Device.open(DeviceId.parse("cpu:0"));
        Stream stream = device.newStream();
        Arena arena = device.newArena(Arena.Memory.DEVICE, BYTES)) {
      Buffer buffer = arena.buffer(0, BYTES);
      stream.fill(buffer, 0, BYTES / Float.BYTES, 1);
      buffer.copyIn(stream, 0, new float[1 << 20], 1 << 20);
      device.describe();
      try (Towers towers = MisuseTowers.open(2, Purpose.TRAIN, "cpu", StepMode.WALK)) {
        MisuseTowers.ready(towers, new ParameterStore(towers));
        MisuseTowers.load(towers);
        towers.step(new StepSettings(0, 0, 0, 0));
      }
      String limit = System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes");
      if (!limit.equals(arguments[0])) {
        throw new IllegalStateException("the limit is " + limit);
      }
      boolean refused = false;
      try (IntPointer others = new IntPointer(1)) {
        others.put(1);
      } catch (OutOfMemoryError e) {
        refused = true;
      }
      if (refused != !limit.equals("0")) {
        throw new IllegalStateException("refused: " + refused);
      }
    }
    System.exit(0);
  }
}
