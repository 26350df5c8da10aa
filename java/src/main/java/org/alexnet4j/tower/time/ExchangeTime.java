package org.alexnet4j.tower.time;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Transfer;

/**
 * What one transfer took, added up over passes.
 *
 * @param transfer what moved, and between whom
 * @param passes how many were measured
 * @param micros from the first byte to the last, sum
 * @param hiddenMicros the part of it in which the receiving tower was still computing what it could
 *     without the plane
 * @param waitMicros how long the receiving tower stood still for the plane, the sender's delay
 *     included
 */
public record ExchangeTime(
    Transfer transfer, long passes, double micros, double hiddenMicros, double waitMicros) {

  /** {@return all of it by name, for files and programs} */
  public ImmutableMap<String, Object> fields() {
    return ImmutableMap.<String, Object>builder()
        .put("plane", transfer.plane())
        .put("layer", transfer.layer())
        .put("direction", transfer.direction().name().toLowerCase(Locale.ROOT))
        .put("from", NetworkSpec.towerName(transfer.from()))
        .put("to", NetworkSpec.towerName(transfer.to()))
        .put("bytes", transfer.bytes())
        .put("micros", meanMicros())
        .put("gigabytesPerSecond", gigabytesPerSecond())
        .put("hiddenShare", hiddenShare())
        .put("waitMicros", meanWaitMicros())
        .build();
  }

  /** {@return the mean time of a transfer, microseconds} */
  public double meanMicros() {
    return micros / passes;
  }

  /** {@return the mean time for which the receiving tower stood still, microseconds} */
  public double meanWaitMicros() {
    return waitMicros / passes;
  }

  /**
   * {@return the achieved rate, 10^9 bytes a second; 0 if no time passed or nothing was measured}
   */
  public double gigabytesPerSecond() {
    return micros > 0 ? 1e-3 * transfer.bytes() * passes / micros : 0;
  }

  /** {@return the share of the transfer's time that computing covered; 1 if it took no time} */
  public double hiddenShare() {
    return micros > 0 ? hiddenMicros / micros : 1;
  }
}
