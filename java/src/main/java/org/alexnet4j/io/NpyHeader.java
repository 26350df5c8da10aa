package org.alexnet4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The checked header of a NumPy file, versions 1.0 and 2.0: magic, version, header length, and a
 * Python dictionary with type, order and shape.
 *
 * @param dataStart where the array begins, counted from the start of the file
 */
record NpyHeader(DType dtype, List<Long> shape, long dataStart) {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private static final int PREFIX_BYTES = 8; // magic and version
  private static final int ALIGNMENT = 64; // what NumPy's own writer keeps
  private static final int MAX_TEXT_BYTES = 1 << 20;

  // The three keys may come in any order; NumPy writes the dictionary with repr(), on one line.
  private static final Pattern DICTIONARY = Pattern.compile("\\{(.*)\\}\\s*", Pattern.DOTALL);
  private static final Pattern ITEM =
      Pattern.compile(
          "\\s*'(\\w+)'\\s*:\\s*('[^']*'|True|False|\\([^()]*\\)|\\[[^\\]]*\\])\\s*(,|$)");

  static NpyHeader read(Path file, FileChannel channel) throws IOException {
    ByteBuffer prefix = readAt(file, channel, 0, PREFIX_BYTES);
    for (int i = 0; i < MAGIC.length; i++) {
      if (prefix.get(i) != MAGIC[i]) {
        throw new FormatException(file, "byte " + i, "this is no NumPy file (.npy)");
      }
    }
    int major = Byte.toUnsignedInt(prefix.get(6));
    int minor = Byte.toUnsignedInt(prefix.get(7));
    if (major < 1 || major > 2 || minor != 0) {
      throw new FormatException(
          file, "byte 6", "version " + major + "." + minor + " is not read; 1.0 and 2.0 are");
    }
    int lengthBytes = major == 1 ? Short.BYTES : Integer.BYTES;
    ByteBuffer length = readAt(file, channel, PREFIX_BYTES, lengthBytes);
    long textBytes =
        major == 1
            ? Short.toUnsignedInt(length.getShort(0))
            : Integer.toUnsignedLong(length.getInt(0));
    if (textBytes > MAX_TEXT_BYTES) {
      throw new FormatException(
          file,
          "byte 8",
          "a header of " + textBytes + " bytes is over the limit of " + MAX_TEXT_BYTES);
    }
    long textStart = PREFIX_BYTES + lengthBytes;
    ByteBuffer text = readAt(file, channel, textStart, (int) textBytes);
    NpyHeader header =
        parse(file, StandardCharsets.ISO_8859_1.decode(text).toString(), textStart + textBytes);
    long wanted = Shapes.bytes(header.dtype, header.shape);
    long there = channel.size() - header.dataStart;
    if (wanted != there) {
      throw new FormatException(
          file,
          "byte " + header.dataStart,
          Shapes.describe(header.dtype, header.shape)
              + " has "
              + wanted
              + " bytes, the file has "
              + there
              + (there < wanted ? "; it was cut off" : ""));
    }
    return header;
  }

  /** Makes the bytes before the array, as NumPy writes them. */
  static ByteBuffer encode(DType dtype, List<Long> shape) {
    StringBuilder extents = new StringBuilder();
    for (long extent : shape) {
      extents.append(extent).append(shape.size() == 1 ? "," : ", ");
    }
    if (shape.size() > 1) {
      extents.setLength(extents.length() - 2);
    }
    String dictionary =
        "{'descr': '"
            + dtype.npyName()
            + "', 'fortran_order': False, 'shape': ("
            + extents
            + "), }";
    int unpadded = PREFIX_BYTES + Short.BYTES + dictionary.length() + 1; // 1: the line end
    int total = (unpadded + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (total > 0xffff) {
      throw new IllegalArgumentException("a shape of " + shape.size() + " axes is too long");
    }
    ByteBuffer bytes = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).put((byte) 1).put((byte) 0);
    bytes.putShort((short) (total - PREFIX_BYTES - Short.BYTES));
    bytes.put(dictionary.getBytes(StandardCharsets.US_ASCII));
    while (bytes.position() < total - 1) {
      bytes.put((byte) ' ');
    }
    return bytes.put((byte) '\n').flip();
  }

  private static NpyHeader parse(Path file, String text, long dataStart) throws FormatException {
    Matcher dictionary = DICTIONARY.matcher(text);
    if (!dictionary.matches()) {
      throw new FormatException(file, "header", "is not a Python dictionary: " + printable(text));
    }
    String items = dictionary.group(1).strip();
    String descr = null;
    String fortranOrder = null;
    String shape = null;
    Matcher item = ITEM.matcher(items);
    int end = 0;
    while (end < items.length()) {
      if (!item.find() || item.start() != end) {
        throw new FormatException(
            file, "header", "cannot be understood: " + printable(items.substring(end)));
      }
      switch (item.group(1)) {
        case "descr" -> descr = item.group(2);
        case "fortran_order" -> fortranOrder = item.group(2);
        case "shape" -> shape = item.group(2);
        default ->
            throw new FormatException(file, "header", "has the unknown key " + item.group(1));
      }
      end = item.end();
    }
    if (descr == null || fortranOrder == null || shape == null) {
      throw new FormatException(file, "header", "needs descr, fortran_order and shape");
    }
    if (!fortranOrder.equals("False")) {
      throw new FormatException(
          file, "header", "Fortran order is not read; save numpy.ascontiguousarray(array)");
    }
    return new NpyHeader(parseType(file, descr), parseShape(file, shape), dataStart);
  }

  private static DType parseType(Path file, String descr) throws FormatException {
    return DType.ofNpy(descr.replace("'", ""))
        .orElseThrow(
            () ->
                new FormatException(
                    file,
                    "header",
                    "type " + printable(descr) + " is not read; " + DType.npyNames() + " are"));
  }

  private static List<Long> parseShape(Path file, String shape) throws FormatException {
    List<Long> extents = new ArrayList<>();
    String inner = shape.substring(1, shape.length() - 1).strip();
    if (inner.endsWith(",")) {
      inner = inner.substring(0, inner.length() - 1);
    }
    if (!inner.isEmpty()) {
      for (String extent : inner.split(",", -1)) {
        if (!extent.strip().matches("[0-9]{1,18}")) {
          throw new FormatException(file, "header", "no such shape: " + printable(shape));
        }
        extents.add(Long.parseLong(extent.strip()));
      }
    }
    return List.copyOf(extents);
  }

  private static ByteBuffer readAt(Path file, FileChannel channel, long offset, int bytes)
      throws IOException {
    ByteBuffer to = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (to.hasRemaining()) {
      if (channel.read(to, offset + to.position()) < 0) {
        throw new FormatException(
            file, "byte " + (offset + to.position()), "the file ends inside its header");
      }
    }
    return to.flip();
  }

  /** Shortens and cleans a text from a file for a one-line message. */
  private static String printable(String text) {
    String clean = text.replaceAll("[^\\x20-\\x7e]", "?").strip();
    return clean.length() > 80 ? clean.substring(0, 80) + "..." : clean;
  }
}
