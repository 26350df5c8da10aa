package org.alexnet4j.io;

import com.google.common.collect.ImmutableMap;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The checked header of a safetensors file: every tensor lies inside the file, and together they
 * cover its data exactly once.
 */
final class SafetensorsHeader {
  private static final int LENGTH_BYTES = 8;
  private static final int MAX_DIGITS = 18;

  private final ImmutableMap<String, TensorInfo> tensors;
  private final ImmutableMap<String, Long> offsets;
  private final ImmutableMap<String, String> metadata;

  /** Types of tensors that cannot be read, but matter only to who asks for them. */
  private final ImmutableMap<String, String> unread;

  private SafetensorsHeader(List<Entry> entries, Map<String, String> metadata, long dataStart) {
    ImmutableMap.Builder<String, TensorInfo> infos = ImmutableMap.builder();
    ImmutableMap.Builder<String, Long> starts = ImmutableMap.builder();
    ImmutableMap.Builder<String, String> others = ImmutableMap.builder();
    for (Entry entry : entries) {
      if (entry.info == null) {
        others.put(entry.name, entry.type);
      } else {
        infos.put(entry.name, entry.info);
        starts.put(entry.name, dataStart + entry.begin);
      }
    }
    this.unread = others.buildOrThrow();
    this.tensors = infos.buildOrThrow();
    this.offsets = starts.buildOrThrow();
    this.metadata = ImmutableMap.copyOf(metadata);
  }

  ImmutableMap<String, TensorInfo> tensors() {
    return tensors;
  }

  ImmutableMap<String, String> metadata() {
    return metadata;
  }

  /** Returns the type of a tensor that is there, but cannot be read. */
  Optional<String> unreadType(String name) {
    return Optional.ofNullable(unread.get(name));
  }

  /** Returns where a tensor begins, counted from the start of the file. */
  long offset(String name) {
    return offsets.get(name);
  }

  static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
    long fileBytes = channel.size();
    long headerBytes = readLength(file, channel, fileBytes);
    ByteBuffer text = ByteBuffer.allocate((int) headerBytes);
    readFully(file, channel, text, LENGTH_BYTES);
    return new Parser(file).parse(decode(file, text), LENGTH_BYTES + headerBytes, fileBytes);
  }

  private static long readLength(Path file, FileChannel channel, long fileBytes)
      throws IOException {
    if (fileBytes < LENGTH_BYTES) {
      throw new FormatException(
          file, "byte 0", "the file has " + fileBytes + " bytes, a header length needs 8");
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(file, channel, length, 0);
    long headerBytes = length.getLong(0);
    if (headerBytes < 2 || headerBytes > Safetensors.MAX_HEADER_BYTES) {
      throw new FormatException(
          file,
          "byte 0",
          "a header of "
              + Long.toUnsignedString(headerBytes)
              + " bytes is outside 2 to "
              + Safetensors.MAX_HEADER_BYTES
              + "; this is no safetensors file, or it is damaged");
    }
    if (headerBytes > fileBytes - LENGTH_BYTES) {
      throw new FormatException(
          file,
          "byte 0",
          "the header should have "
              + headerBytes
              + " bytes, but the file ends after "
              + (fileBytes - LENGTH_BYTES)
              + "; it was cut off");
    }
    return headerBytes;
  }

  /** Fills a buffer from a place of the file and makes it ready to be read. */
  static void readFully(Path file, FileChannel channel, ByteBuffer to, long offset)
      throws IOException {
    while (to.hasRemaining()) {
      if (channel.read(to, offset + to.position()) < 0) {
        throw new FormatException(file, "byte " + (offset + to.position()), "the file ends here");
      }
    }
    to.flip();
  }

  private static String decode(Path file, ByteBuffer text) throws FormatException {
    if (text.get(0) != '{') {
      throw new FormatException(file, "byte 8", "the header does not begin with '{'");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException(file, "byte 8", "the header is not UTF-8");
    }
  }

  /**
   * One tensor with its byte range, counted from the end of the header.
   *
   * @param info null for a type that is not read
   */
  private record Entry(String name, String type, TensorInfo info, long begin, long end) {}

  /** Reads the JSON text and checks the byte ranges. */
  private static final class Parser {
    private final Path file;

    Parser(Path file) {
      this.file = file;
    }

    SafetensorsHeader parse(String text, long dataStart, long fileBytes) throws IOException {
      Map<String, String> metadata = new LinkedHashMap<>();
      List<Entry> entries = new ArrayList<>();
      Map<String, Boolean> seen = new HashMap<>();
      try (JsonReader json = new JsonReader(new StringReader(text))) {
        json.setStrictness(Strictness.STRICT);
        json.beginObject();
        while (json.hasNext()) {
          String name = json.nextName();
          if (seen.put(name, true) != null) {
            throw bad("tensor " + Printable.name(name), "is listed twice");
          }
          if (name.equals(Safetensors.METADATA_KEY)) {
            readMetadata(json, metadata);
          } else {
            entries.add(readEntry(json, name));
          }
        }
        json.endObject();
        json.peek(); // throws if anything follows the closing brace
      } catch (MalformedJsonException
          | EOFException
          | IllegalStateException
          | NumberFormatException e) {
        throw bad("header", "is not the JSON of a safetensors file: " + firstLine(e));
      }
      checkRanges(entries, dataStart, fileBytes);
      return new SafetensorsHeader(entries, metadata, dataStart);
    }

    private static void readMetadata(JsonReader json, Map<String, String> metadata)
        throws IOException {
      json.beginObject();
      while (json.hasNext()) {
        String key = json.nextName();
        if (json.peek() != JsonToken.STRING) {
          throw new IllegalStateException("metadata " + Printable.name(key) + " is not a string");
        }
        if (metadata.put(key, json.nextString()) != null) {
          throw new IllegalStateException("metadata " + Printable.name(key) + " is listed twice");
        }
      }
      json.endObject();
    }

    private Entry readEntry(JsonReader json, String name) throws IOException {
      String place = "tensor " + Printable.name(name);
      String dtypeName = null;
      List<Long> shape = null;
      List<Long> range = null;
      json.beginObject();
      while (json.hasNext()) {
        String key = json.nextName();
        switch (key) {
          case "dtype" -> dtypeName = json.nextString();
          case "shape" -> shape = readLongs(json, place);
          case "data_offsets" -> range = readLongs(json, place);
          default -> throw bad(place, "has the unknown key " + Printable.name(key));
        }
      }
      json.endObject();
      if (dtypeName == null || shape == null || range == null) {
        throw bad(place, "needs dtype, shape and data_offsets");
      }
      if (range.size() != 2 || range.get(0) > range.get(1)) {
        throw bad(place, "data_offsets " + range + " is no range");
      }
      Optional<DType> dtype = DType.ofSafetensors(dtypeName);
      if (dtype.isEmpty()) {
        return new Entry(name, dtypeName, null, range.get(0), range.get(1));
      }
      checkBytes(place, dtype.get(), shape, range);
      TensorInfo info = new TensorInfo(name, dtype.get(), shape);
      return new Entry(name, dtypeName, info, range.get(0), range.get(1));
    }

    private void checkBytes(String place, DType dtype, List<Long> shape, List<Long> range)
        throws FormatException {
      long bytes = Shapes.bytes(dtype, shape);
      if (bytes < 0) {
        throw bad(place, "the shape " + shape + " has more than 2^63 bytes");
      }
      if (range.get(1) - range.get(0) != bytes) {
        throw bad(
            place,
            Shapes.describe(dtype, shape)
                + " has "
                + bytes
                + " bytes, data_offsets "
                + range
                + " others");
      }
    }

    private List<Long> readLongs(JsonReader json, String place) throws IOException {
      List<Long> values = new ArrayList<>();
      json.beginArray();
      while (json.hasNext()) {
        if (json.peek() != JsonToken.NUMBER) {
          throw bad(place, "has something other than a number in its shape or data_offsets");
        }
        String digits = json.nextString();
        // 1e3 and 1.0 are numbers to JSON, but nothing that a writer of this format produces.
        if (digits.length() > MAX_DIGITS || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
          throw bad(place, Printable.name(digits) + " is not an extent or offset (0 to 10^18 - 1)");
        }
        values.add(Long.parseLong(digits));
      }
      json.endArray();
      return values;
    }

    private void checkRanges(List<Entry> entries, long dataStart, long fileBytes)
        throws FormatException {
      entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      long end = 0;
      for (Entry entry : entries) {
        String place =
            "tensor " + Printable.name(entry.name) + ", byte " + (dataStart + entry.begin);
        if (entry.begin < end) {
          throw bad(place, "overlaps the tensor before it, which ends at " + (dataStart + end));
        }
        if (entry.begin > end) {
          throw bad(place, "leaves a hole: the tensor before it ends at " + (dataStart + end));
        }
        if (entry.end > fileBytes - dataStart) {
          throw bad(
              place,
              "needs "
                  + (entry.end - entry.begin)
                  + " bytes, the file has "
                  + fileBytes
                  + " in all; it was cut off");
        }
        end = entry.end;
      }
      if (dataStart + end != fileBytes) {
        throw bad(
            "byte " + (dataStart + end),
            (fileBytes - dataStart - end) + " bytes follow the last tensor");
      }
    }

    private FormatException bad(String where, String what) {
      return new FormatException(file, where, what);
    }

    private static String firstLine(Exception e) {
      String text = String.valueOf(e.getMessage());
      int end = text.indexOf('\n');
      return end < 0 ? text : text.substring(0, end);
    }
  }
}
