package org.alexnet4j.misuse;

import java.nio.file.Path;
import org.alexnet4j.device.Devices;

/**
 * Wrong calls, each with the answer that it must get. A program of its own, as a wrong answer may
 * be the end of the process; it prints a line for each case.
 */
final class MisuseCases {
  private MisuseCases() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    boolean answered = new MisusedDevices(folder).run();
    answered &= new MisusedTowers(folder).run();
    answered &= new MisusedInputs(folder).run();
    System.out.println(
        "live handles: " + Devices.liveHandles() + (answered ? ", all answered" : ", FAILED"));
    System.exit(answered ? 0 : 1);
  }
}
