package org.alexnet4j.data;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Image files of 8×8 equal pixels, made byte by byte, so that no encoder decides what is in them.
 */
public final class SmallFiles {
  public static final int SIDE = 8;
  public static final int PIXELS = SIDE * SIDE;

  private SmallFiles() {}

  /** Repeats bytes. */
  public static byte[] bytes(int times, int... values) {
    byte[] all = new byte[times * values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) values[i % values.length];
    }
    return all;
  }

  public static byte[] shorts(ByteOrder order, int times, int... values) {
    ByteBuffer all = ByteBuffer.allocate(2 * times * values.length).order(order);
    for (int i = 0; i < times * values.length; i++) {
      all.putShort((short) values[i % values.length]);
    }
    return all.array();
  }

  public static byte[] ints(int times, long... values) {
    ByteBuffer all = ByteBuffer.allocate(4 * times * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < times * values.length; i++) {
      all.putInt((int) values[i % values.length]);
    }
    return all.array();
  }

  public static byte[] floats(int times, double... values) {
    ByteBuffer all = ByteBuffer.allocate(4 * times * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < times * values.length; i++) {
      all.putFloat((float) values[i % values.length]);
    }
    return all.array();
  }

  public static byte[] doubles(int times, double... values) {
    ByteBuffer all = ByteBuffer.allocate(8 * times * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < times * values.length; i++) {
      all.putDouble(values[i % values.length]);
    }
    return all.array();
  }

  public static TiffFile tiff(int photometric, int samples, int bits) {
    int[] all = new int[samples];
    Arrays.fill(all, bits);
    return new TiffFile(ByteOrder.LITTLE_ENDIAN, SIDE, SIDE)
        .tag(TiffFile.PHOTOMETRIC, photometric)
        .tag(TiffFile.SAMPLES, samples)
        .tag(TiffFile.BITS, all);
  }

  /** A chunk of a PNG. */
  public record Chunk(String name, byte[] content) {}

  public static byte[] png(int depth, int type, byte[] row, Chunk... chunks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
    ByteBuffer head = ByteBuffer.allocate(13).putInt(SIDE).putInt(SIDE);
    chunk(out, new Chunk("IHDR", head.put((byte) depth).put((byte) type).array()));
    for (Chunk chunk : chunks) {
      chunk(out, chunk);
    }
    byte[] rows = new byte[SIDE * (1 + row.length)];
    for (int y = 0; y < SIDE; y++) {
      System.arraycopy(row, 0, rows, y * (1 + row.length) + 1, row.length);
    }
    Deflater deflater = new Deflater();
    deflater.setInput(rows);
    deflater.finish();
    byte[] packed = new byte[2 * rows.length + 64];
    byte[] data = Arrays.copyOf(packed, deflater.deflate(packed));
    deflater.end();
    chunk(out, new Chunk("IDAT", data));
    chunk(out, new Chunk("IEND", new byte[0]));
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, Chunk chunk) {
    byte[] name = chunk.name.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(chunk.content);
    out.writeBytes(ByteBuffer.allocate(8).putInt(chunk.content.length).put(name).array());
    out.writeBytes(chunk.content);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  /**
   * A bitmap of Windows.
   *
   * @param header bytes of its header, 12 for OS/2's
   * @param height negative for rows from the top
   * @param extra masks or palette
   */
  public static byte[] bmp(
      int header, int bits, int packing, int height, byte[] extra, byte[] data) {
    int start = 14 + header + extra.length;
    ByteBuffer out = ByteBuffer.allocate(start + data.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 'B').put((byte) 'M').putInt(out.capacity()).putInt(0).putInt(start);
    out.putInt(header);
    if (header == 12) {
      out.putShort((short) SIDE)
          .putShort((short) height)
          .putShort((short) 1)
          .putShort((short) bits);
    } else {
      out.putInt(SIDE).putInt(height).putShort((short) 1).putShort((short) bits);
      out.putInt(packing).putInt(data.length);
    }
    return out.position(14 + header).put(extra).put(data).array();
  }

  /**
   * A GIF with frames of one colour each, not packed: codes are as wide as clear codes let them.
   *
   * @param frames left, top, width, height, index of the colour, index of the transparent colour or
   *     -1
   */
  public static byte[] gif(int screenWidth, int screenHeight, int[][] palette, int[]... frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("GIF89a".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(shorts(ByteOrder.LITTLE_ENDIAN, 1, screenWidth, screenHeight));
    out.writeBytes(new byte[] {(byte) 0x81, 0, 0}); // a table of four colours
    for (int i = 0; i < 4; i++) {
      out.writeBytes(bytes(1, i < palette.length ? palette[i] : new int[3]));
    }
    for (int[] frame : frames) {
      boolean clear = frame[5] >= 0;
      out.writeBytes(bytes(1, 0x21, 0xF9, 4, clear ? 1 : 0, 0, 0, clear ? frame[5] : 0, 0, 0x2C));
      out.writeBytes(shorts(ByteOrder.LITTLE_ENDIAN, 1, Arrays.copyOf(frame, 4)));
      out.write(0);
      out.write(2); // bits of a colour; codes of three bits, 4 clears, 5 ends
      byte[] codes = codes(frame[2] * frame[3], frame[4]);
      for (int at = 0; at < codes.length; at += 255) {
        int length = Math.min(255, codes.length - at);
        out.write(length);
        out.write(codes, at, length);
      }
      out.write(0);
    }
    out.write(0x3B);
    return out.toByteArray();
  }

  private static byte[] codes(int pixels, int colour) {
    byte[] out = new byte[pixels + 2];
    int bit = 0;
    for (int i = 0; i <= 2 * pixels; i++) {
      int code = i == 2 * pixels ? 5 : i % 2 == 0 ? 4 : colour; // clear before every pixel
      for (int b = 0; b < 3; b++, bit++) {
        out[bit / 8] |= (byte) ((code >> b & 1) << bit % 8);
      }
    }
    return Arrays.copyOf(out, bit / 8 + 1);
  }

  public static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
