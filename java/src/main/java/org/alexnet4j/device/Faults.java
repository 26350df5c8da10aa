package org.alexnet4j.device;

import java.time.Duration;
import java.util.Objects;
import org.alexnet4j.bindings.AlexnetAbi;

/**
 * What goes wrong on request, and how mistakes are looked for: for tests, and for somebody who
 * wants to see what a run does when a device fails. All of it holds for the whole process; faults
 * and delays are for {@code emu} and {@code cpu}.
 *
 * @hidden
 */
public final class Faults {
  private Faults() {}

  /**
   * Asks for a fault in place of the one that {@code ALEXNET_FAULT} names.
   *
   * @param fault as {@code fault.h} lists them: {@code device_lost:conv/wgrad:3}, {@code
   *     peer_zeros}, ...
   * @throws IllegalArgumentException if there is no such fault
   */
  public static void set(String fault) {
    NativeStatus.check(AlexnetAbi.alexnet_fault(Objects.requireNonNull(fault, "fault")));
  }

  /** Ends the fault, the delays and the search. */
  public static void clear() {
    NativeStatus.check(AlexnetAbi.alexnet_fault(null));
    delays(0, Duration.ZERO);
    findRaces(false);
  }

  /**
   * Lets streams hold still at random before whatever they do.
   *
   * @param seed another one gives other delays
   * @param longest of one delay, up to a second; zero ends it
   */
  public static void delays(long seed, Duration longest) {
    NativeStatus.check(AlexnetAbi.alexnet_delays(seed, Math.toIntExact(longest.toNanos() / 1_000)));
  }

  /**
   * Switches the search for races between streams on or off. An operation or a copy that touches
   * what another stream touches, with no event in between, then fails and names both.
   *
   * @param on whether it is on
   */
  public static void findRaces(boolean on) {
    NativeStatus.check(AlexnetAbi.alexnet_races(on ? 1 : 0));
  }
}
