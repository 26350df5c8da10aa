package org.alexnet4j.tower.link;

import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Transport;

/**
 * How planes get from one device to another in this process.
 *
 * @param from device of the sending tower
 * @param to device of the receiving tower
 * @param transport what is used; never {@link Transport#AUTO}
 * @param reason why, in a few words
 */
public record Link(DeviceId from, DeviceId to, Transport transport, String reason) {
  @Override
  public String toString() {
    return from + " -> " + to + ": " + transport + " (" + reason + ")";
  }
}
