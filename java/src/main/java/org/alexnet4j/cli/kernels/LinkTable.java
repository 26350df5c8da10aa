package org.alexnet4j.cli.kernels;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Transport;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.TextTable;
import org.alexnet4j.tower.link.LinkSurvey;

/** The ways from device to device, as {@code alexnet devices} shows them. */
final class LinkTable {
  private LinkTable() {}

  /** Tries all pairs of GPUs; devices of the other kinds are all alike, and two stand for them. */
  static List<LinkSurvey> survey() {
    List<LinkSurvey> links = new ArrayList<>();
    for (DeviceKind kind : DeviceKind.values()) {
      int count = kind == DeviceKind.CUDA ? Device.count(kind) : 2;
      for (int from = 0; from < count; from++) {
        for (int to = 0; to < count; to++) {
          if (kind == DeviceKind.CUDA || from == 0) {
            links.add(survey(new DeviceId(kind, from), new DeviceId(kind, to)));
          }
        }
      }
    }
    return links;
  }

  private static LinkSurvey survey(DeviceId from, DeviceId to) {
    try (Device sender = Device.open(from)) {
      if (from.equals(to)) {
        return LinkSurvey.of(sender, sender);
      }
      try (Device receiver = Device.open(to)) {
        return LinkSurvey.of(sender, receiver);
      }
    }
  }

  static String text(List<LinkSurvey> links) {
    TextTable table = new TextTable("from", "to", "auto takes", "copy", "store", "staged");
    for (LinkSurvey link : links) {
      boolean one = link.chosen().from().equals(link.chosen().to());
      table.row(
          link.chosen().from(),
          link.chosen().to(),
          link.chosen().transport(),
          speed(link, one ? Transport.SAME : Transport.PEER),
          speed(link, Transport.STORE),
          speed(link, Transport.STAGED));
    }
    return table.toString();
  }

  private static String speed(LinkSurvey link, Transport transport) {
    Double bytesPerSecond = link.bytesPerSecond().get(transport);
    return bytesPerSecond == null
        ? link.faults().get(transport)
        : Numbers.fixed(bytesPerSecond / 1e9, 2) + " GB/s";
  }

  static List<ImmutableMap<String, Object>> json(List<LinkSurvey> links) {
    return links.stream()
        .map(
            link ->
                ImmutableMap.<String, Object>of(
                    "from", link.chosen().from().toString(),
                    "to", link.chosen().to().toString(),
                    "transport", link.chosen().transport().toString(),
                    "because", link.chosen().reason(),
                    "bytesPerSecond", link.bytesPerSecond(),
                    "faults", link.faults()))
        .toList();
  }
}
