package org.alexnet4j.tower.link;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Transport;

/**
 * What all ways from one device to another do here.
 *
 * @param chosen what {@link Transport#AUTO} takes
 * @param bytesPerSecond of each way that works
 * @param faults of each way that does not
 */
public record LinkSurvey(
    Link chosen,
    ImmutableMap<Transport, Double> bytesPerSecond,
    ImmutableMap<Transport, String> faults) {

  /** Tries and measures every way. */
  public static LinkSurvey of(Device from, Device to) {
    ImmutableMap.Builder<Transport, Double> speeds = ImmutableMap.builder();
    ImmutableMap.Builder<Transport, String> faults = ImmutableMap.builder();
    Transport copy = from == to ? Transport.SAME : Transport.PEER;
    for (Transport transport : new Transport[] {copy, Transport.STORE, Transport.STAGED}) {
      Optional<String> fault = Links.fault(transport, from, to);
      if (fault.isPresent()) {
        faults.put(transport, fault.get());
        continue;
      }
      try (LinkProbe probe = new LinkProbe(from, to, bytes(from))) {
        speeds.put(transport, probe.bytesPerSecond(transport));
      }
    }
    return new LinkSurvey(Links.decide(Transport.AUTO, from, to), speeds.build(), faults.build());
  }

  /** Returns a size that takes milliseconds. */
  private static int bytes(Device device) {
    DeviceKind kind = device.id().kind();
    return kind == DeviceKind.CUDA ? 64 << 20 : kind == DeviceKind.CPU ? 16 << 20 : 1 << 20;
  }
}
