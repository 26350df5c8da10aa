package org.alexnet4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Walks through the members of a tar stream: POSIX ustar, with GNU long names and pax paths and
 * sizes. Links are refused because their images would be counted twice, absolute paths and {@code
 * ..} because no honest archive of images has them.
 */
final class TarReader {
  private static final int BLOCK = 512;
  private static final String ALLOWED = "a tar archive of folders and files";
  private static final int MAX_NAME_BYTES = 1 << 20;

  private final InputStream in;
  private final String archive;
  private final long end;
  private final byte[] header = new byte[BLOCK];
  private long at; // bytes read so far
  private long unread; // bytes of the current member, with padding, still to be passed
  private String path;
  private boolean folder;
  private long start;
  private long bytes;

  /**
   * Starts at the beginning of an archive.
   *
   * @param end bytes of the stream, or Long.MAX_VALUE if not known
   */
  TarReader(InputStream in, String archive, long end) {
    this.in = in;
    this.archive = archive;
    this.end = end;
  }

  /** Moves to the next file or folder; false at the end of the archive. */
  boolean next() throws IOException {
    String longPath = null;
    long longSize = -1;
    while (true) {
      pass();
      long headerAt = at;
      int got = in.readNBytes(header, 0, BLOCK);
      at += got;
      if (headerAt > 0 && (got == 0 || got == BLOCK && isZero())) {
        return false;
      }
      if (got < BLOCK || !checksumHolds()) {
        throw damaged(
            headerAt == 0 ? "not a tar archive" : "damaged tar header at byte " + headerAt);
      }
      bytes = number(124, 12);
      begin(headerAt);
      char type = (char) header[156];
      switch (type) {
        case 'L' -> longPath = text(name(), 0, (int) bytes);
        case 'x' -> {
          byte[] records = name();
          longPath = paxValue(records, "path", longPath);
          longSize = size(paxValue(records, "size", "-1"));
        }
        case 'g', 'K' -> {} // global settings and link targets do not matter here
        case '0', '\0', '7', '5' -> {
          if (longSize >= 0) {
            bytes = longSize;
            begin(headerAt);
          }
          path = longPath != null ? longPath : headerPath();
          folder = type == '5' || path.endsWith("/");
          normalise();
          if (!path.isEmpty()) {
            return true;
          }
          longPath = null;
          longSize = -1;
        }
        default ->
            throw damaged("member " + headerPath() + " is a link or device (type " + type + ")");
      }
    }
  }

  /** Returns the path of the current member, without leading "./" and closing "/". */
  String path() {
    return path;
  }

  /** Returns whether the current member is a folder. */
  boolean folder() {
    return folder;
  }

  /** Returns where in the stream the content of the current member starts. */
  long start() {
    return start;
  }

  /** Returns the bytes of the content of the current member. */
  long bytes() {
    return bytes;
  }

  /** Reads the content of the current member. */
  byte[] content() throws IOException {
    byte[] content = in.readNBytes((int) bytes);
    at += content.length;
    unread -= content.length;
    if (content.length < bytes) {
      throw damaged("the archive ends inside " + path);
    }
    return content;
  }

  private void begin(long headerAt) throws DataException {
    start = headerAt + BLOCK;
    unread = (bytes + BLOCK - 1) / BLOCK * BLOCK;
    if (bytes < 0 || start + bytes > end || start + bytes < 0) {
      throw damaged("the archive ends inside " + headerPath());
    }
  }

  private void pass() throws IOException {
    long passed = 0;
    while (passed < unread) {
      long skipped = in.skip(unread - passed);
      if (skipped <= 0) {
        if (in.read() < 0) {
          break; // only padding can be missing here; the size of the member was checked
        }
        skipped = 1;
      }
      passed += skipped;
    }
    at += unread;
    unread = 0;
  }

  private byte[] name() throws IOException {
    path = headerPath();
    if (bytes > MAX_NAME_BYTES) {
      throw damaged("a member name of " + bytes + " bytes");
    }
    return content();
  }

  private boolean isZero() {
    for (byte b : header) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** The sum of all header bytes, those of the sum itself counted as blanks. */
  private boolean checksumHolds() {
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 255;
    }
    return sum == number(148, 8);
  }

  /** Reads an octal number, or a binary one if its first bit is set; -1 if it is neither. */
  private long number(int from, int length) {
    if ((header[from] & 0x80) != 0) {
      long value = header[from] & 0x3F;
      for (int i = from + 1; i < from + length; i++) {
        value = value << 8 | header[i] & 255;
      }
      return value;
    }
    long value = 0;
    for (char digit : text(header, from, length).strip().toCharArray()) {
      if (digit < '0' || digit > '7') {
        return -1;
      }
      value = value << 3 | digit - '0';
    }
    return value;
  }

  private String headerPath() {
    String name = text(header, 0, 100);
    boolean ustar = text(header, 257, 6).equals("ustar") && header[262] == 0;
    String prefix = ustar ? text(header, 345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private void normalise() throws DataException {
    if (path.startsWith("/") || ("/" + path + "/").contains("/../")) {
      throw damaged("member " + path + " leads out of the archive");
    }
    while (path.startsWith("./")) {
      path = path.substring(2);
    }
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    if (path.equals(".")) {
      path = "";
    }
  }

  private static String text(byte[] bytes, int from, int length) {
    int to = from;
    while (to < from + length && bytes[to] != 0) {
      to++;
    }
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  /** Finds a value in pax records: lines of "length key=value". */
  private static String paxValue(byte[] records, String key, String otherwise) {
    for (String line : new String(records, StandardCharsets.UTF_8).split("\n")) {
      int blank = line.indexOf(' ');
      if (line.startsWith(key + "=", blank + 1)) {
        return line.substring(blank + 1 + key.length() + 1);
      }
    }
    return otherwise;
  }

  private long size(String digits) throws DataException {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw damaged("damaged pax size '" + digits + "'");
    }
  }

  private DataException damaged(String reason) {
    return new DataException(archive, reason, ALLOWED);
  }
}
