package org.alexnet4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The checked header of a NumPy file, versions 1.0 to 3.0: magic, version, header length, and a
 * Python dictionary with type, order and shape.
 *
 * @param order byte order of the elements
 * @param fortran whether the first axis is the contiguous one
 * @param dataStart where the array begins, counted from the start of the file
 */
record NpyHeader(DType dtype, ByteOrder order, boolean fortran, List<Long> shape, long dataStart) {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private static final int PREFIX_BYTES = 8; // magic and version
  private static final int ALIGNMENT = 64; // what NumPy's own writer keeps
  private static final int MAX_TEXT_BYTES = 1 << 20;

  /** Reads the header and holds what it promises against the bytes that are there. */
  static NpyHeader read(Path file, ArrayBytes channel) throws IOException {
    return read(file, channel, channel.size());
  }

  /**
   * Reads a header of which only the first bytes are at hand.
   *
   * @param size how many bytes header and array have together
   */
  static NpyHeader read(Path file, ArrayBytes channel, long size) throws IOException {
    ByteBuffer prefix = readAt(file, channel, 0, PREFIX_BYTES);
    for (int i = 0; i < MAGIC.length; i++) {
      if (prefix.get(i) != MAGIC[i]) {
        throw new FormatException(file, "byte " + i, "this is no NumPy file (.npy)");
      }
    }
    int major = Byte.toUnsignedInt(prefix.get(6));
    int minor = Byte.toUnsignedInt(prefix.get(7));
    if (major < 1 || major > 3 || minor != 0) {
      throw new FormatException(
          file, "byte 6", "version " + major + "." + minor + " is not read; 1.0, 2.0 and 3.0 are");
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
        parse(
            file,
            (major < 3 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8)
                .decode(text)
                .toString(),
            textStart + textBytes);
    long wanted = Shapes.bytes(header.dtype, header.shape);
    if (wanted < 0) {
      throw new FormatException(
          file, "header", "the shape " + header.shape + " has more than 2^63 bytes");
    }
    long there = size - header.dataStart;
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
    NpyDictionary dictionary = NpyDictionary.parse(file, text);
    String descr = dictionary.descr();
    DType type =
        DType.ofNpy(
                descr.isEmpty() || "<>|=".indexOf(descr.charAt(0)) < 0 ? "" : descr.substring(1))
            .orElseThrow(
                () ->
                    new FormatException(
                        file,
                        "header",
                        "type '"
                            + Printable.name(descr)
                            + "' is not read; "
                            + DType.npyNames()
                            + " are"));
    return new NpyHeader(
        type,
        descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        dictionary.fortranOrder(),
        dictionary.shape(),
        dataStart);
  }

  private static ByteBuffer readAt(Path file, ArrayBytes channel, long offset, int bytes)
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
}
