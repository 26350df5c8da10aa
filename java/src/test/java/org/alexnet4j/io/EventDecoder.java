package org.alexnet4j.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads TensorBoard's event files from the definition of the format, bit by bit. */
public final class EventDecoder {
  private final byte[] bytes;
  private int at;

  private EventDecoder(byte[] bytes) {
    this.bytes = bytes;
  }

  /** One event; what it does not have is empty. */
  public record Event(
      double wallTime,
      long step,
      String version,
      boolean sessionStart,
      Map<String, Float> values) {}

  /** Returns all whole records; a checksum that does not fit is an error. */
  public static List<Event> read(Path file) throws IOException {
    byte[] all = Files.readAllBytes(file);
    List<Event> events = new ArrayList<>();
    int at = 0;
    while (at + 12 <= all.length) {
      int length = int32(all, at); // longer ones do not occur here
      check(file, all, at, 8);
      if (at + 16 + length > all.length) {
        break;
      }
      check(file, all, at + 12, length);
      events.add(new EventDecoder(Arrays.copyOfRange(all, at + 12, at + 12 + length)).event());
      at += 16 + length;
    }
    return events;
  }

  /** Returns a curve as TensorBoard shows it: a session's start drops what later steps had. */
  public static Map<Long, Float> curve(List<Path> files, String tag) throws IOException {
    TreeMap<Long, Float> curve = new TreeMap<>();
    for (Path file : files) {
      for (Event event : read(file)) {
        if (event.sessionStart) {
          curve.tailMap(event.step, true).clear();
        }
        if (event.values.containsKey(tag)) {
          curve.put(event.step, event.values.get(tag));
        }
      }
    }
    return curve;
  }

  private static void check(Path file, byte[] all, int from, int length) throws IOException {
    int crc = masked(crc32c(Arrays.copyOfRange(all, from, from + length)));
    if (crc != int32(all, from + length)) {
      throw new IOException(file + ", byte " + from + ": the checksum does not fit");
    }
  }

  /** Polynomial 0x1EDC6F41, reflected; one bit at a time. */
  static int crc32c(byte[] data) {
    int crc = ~0;
    for (byte b : data) {
      crc ^= b & 255;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ (0x82f63b78 & -(crc & 1));
      }
    }
    return ~crc;
  }

  static int masked(int crc) {
    return (crc >>> 15 | crc << 17) + 0xa282ead8;
  }

  static int int32(byte[] data, int from) {
    return data[from] & 255
        | (data[from + 1] & 255) << 8
        | (data[from + 2] & 255) << 16
        | (data[from + 3] & 255) << 24;
  }

  private Event event() throws IOException {
    double wallTime = 0;
    long step = 0;
    String version = "";
    boolean start = false;
    Map<String, Float> values = new LinkedHashMap<>();
    while (at < bytes.length) {
      switch ((int) varint()) {
        case 1 << 3 | 1 -> {
          wallTime =
              Double.longBitsToDouble(
                  int32(bytes, at) & 0xffffffffL | (long) int32(bytes, at + 4) << 32);
          at += 8;
        }
        case 2 << 3 -> step = varint();
        case 3 << 3 | 2 -> version = new String(block(), StandardCharsets.UTF_8);
        case 5 << 3 | 2 -> new EventDecoder(block()).summary(values);
        case 7 << 3 | 2 -> start = Arrays.equals(block(), new byte[] {1 << 3, 1});
        default -> throw new IOException("unknown field of an event");
      }
    }
    return new Event(wallTime, step, version, start, values);
  }

  private void summary(Map<String, Float> values) throws IOException {
    while (at < bytes.length) {
      if (varint() != (1 << 3 | 2)) {
        throw new IOException("unknown field of a summary");
      }
      EventDecoder value = new EventDecoder(block());
      if (value.varint() != (1 << 3 | 2)) {
        throw new IOException("a value without a tag");
      }
      String tag = new String(value.block(), StandardCharsets.UTF_8);
      if (value.varint() != (2 << 3 | 5)) {
        throw new IOException("a value that is no simple_value");
      }
      values.put(tag, Float.intBitsToFloat(int32(value.bytes, value.at)));
    }
  }

  private byte[] block() {
    int length = (int) varint();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
