package org.alexnet4j.tower.link;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.NativeStatus;
import org.alexnet4j.device.Transport;

/** Decides for each pair of towers' devices how planes get across, after trying it. */
public final class Links {
  private record Pair(DeviceId from, DeviceId to) {}

  private final Map<Pair, Link> links = new LinkedHashMap<>();

  private Links() {}

  /**
   * Decides for every pair of towers.
   *
   * @param wanted what somebody asked for
   * @param devices of the towers, in their order
   * @throws IllegalArgumentException if these devices can never be connected that way
   * @throws NativeException if they could be, but this machine refuses it or changes bytes
   */
  public static Links between(Transport wanted, List<Device> devices) {
    if (wanted == Transport.PEER && devices.stream().distinct().count() < 2) {
      throw new IllegalArgumentException(
          "transport 'peer' needs two devices, and all towers are on "
              + devices.get(0)
              + "; allowed here: auto, same, store, staged");
    }
    Links result = new Links();
    for (int from = 0; from < devices.size(); from++) {
      for (int to = 0; to < devices.size(); to++) {
        if (from != to) {
          Device sender = devices.get(from);
          Device receiver = devices.get(to);
          result.links.computeIfAbsent(
              new Pair(sender.id(), receiver.id()), p -> decide(wanted, sender, receiver));
        }
      }
    }
    return result;
  }

  /** Decides for two devices; see {@link #between}. */
  static Link decide(Transport wanted, Device from, Device to) {
    if (from == to) {
      return onOneDevice(wanted, from);
    }
    return switch (wanted) {
      case SAME ->
          throw new IllegalArgumentException(
              "transport 'same' needs all towers on one device, and they are on "
                  + from
                  + " and "
                  + to
                  + "; allowed here: auto, peer, store, staged");
      case AUTO -> {
        Optional<String> fault = fault(Transport.PEER, from, to);
        yield fault.isEmpty()
            ? tried(Transport.PEER, from, to)
            : new Link(from.id(), to.id(), require(Transport.STAGED, from, to), fault.get());
      }
      default -> tried(require(wanted, from, to), from, to);
    };
  }

  private static Link onOneDevice(Transport wanted, Device device) {
    boolean copies = wanted == Transport.AUTO || wanted == Transport.PEER;
    Transport transport = copies ? Transport.SAME : wanted;
    return new Link(
        device.id(), device.id(), require(transport, device, device), "both towers on one device");
  }

  private static Link tried(Transport transport, Device from, Device to) {
    String reason = LinkProbe.PATTERN_BYTES + " bytes of a probe arrived unchanged";
    return new Link(from.id(), to.id(), transport, reason);
  }

  private static Transport require(Transport transport, Device from, Device to) {
    Optional<String> fault = fault(transport, from, to);
    if (fault.isPresent()) {
      throw new NativeException(
          NativeStatus.UNSUPPORTED,
          from
              + " -> "
              + to
              + ": transport '"
              + transport
              + "' does not work: "
              + fault.get()
              + "; 'auto' takes what works");
    }
    return transport;
  }

  /** Returns what is wrong with a way, after trying it. */
  static Optional<String> fault(Transport transport, Device from, Device to) {
    boolean direct = transport == Transport.PEER || transport == Transport.STORE;
    if (direct && !(from.reaches(to) && to.reaches(from))) {
      return Optional.of("no peer access");
    }
    try (LinkProbe probe = new LinkProbe(from, to, LinkProbe.PATTERN_BYTES)) {
      // What a kernel cannot store is copied, so stores rely on peer copies as well.
      Transport copies = transport == Transport.STORE ? Transport.PEER : transport;
      for (Transport tried : ImmutableSet.of(copies, transport)) {
        int wrong = probe.firstWrongByte(tried);
        if (wrong >= 0) {
          return Optional.of(
              String.format(
                  Locale.ROOT,
                  "of %d bytes of a probe by %s byte %d arrived changed",
                  LinkProbe.PATTERN_BYTES,
                  tried,
                  wrong));
        }
      }
    }
    return Optional.empty();
  }

  /** Returns the way from one device to another. */
  public Link of(DeviceId from, DeviceId to) {
    return links.get(new Pair(from, to));
  }

  /** Returns all of them, in the order of the towers. */
  public ImmutableList<Link> all() {
    return ImmutableList.copyOf(links.values());
  }
}
