package org.alexnet4j.data;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** TIFF files by hand, of any tags, so that a test decides every byte. */
public final class TiffFile {
  public static final int BITS = 258;
  public static final int COMPRESSION = 259;
  public static final int PHOTOMETRIC = 262;
  public static final int ORIENTATION = 274;
  public static final int SAMPLES = 277;
  public static final int PLANAR = 284;
  public static final int COLOUR_MAP = 320;
  public static final int INK_SET = 332;
  public static final int EXTRA_SAMPLES = 338;
  public static final int SAMPLE_FORMAT = 339;
  public static final int JPEG_TABLES = 347;
  public static final int SUBSAMPLING = 530;

  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int STRIPS = 273;
  public static final int ROWS = 278;
  private static final int STRIP_BYTES = 279;
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int UNDEFINED = 7;

  private final ByteOrder order;
  private final TreeMap<Integer, int[]> tags = new TreeMap<>();
  private final List<byte[]> strips = new ArrayList<>();
  private TiffFile next;

  public TiffFile(ByteOrder order, int width, int height) {
    this.order = order;
    tag(WIDTH, width).tag(HEIGHT, height).tag(ROWS, height).tag(COMPRESSION, 1);
  }

  public TiffFile tag(int tag, int... values) {
    tags.put(tag, values);
    return this;
  }

  public TiffFile strip(byte[] samples) {
    strips.add(samples);
    return this;
  }

  /** Another page behind this one. */
  public TiffFile page(TiffFile page) {
    next = page;
    return this;
  }

  public byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer head = buffer(8);
    head.put((byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M')).put(head.get(0));
    out.writeBytes(head.putShort((short) 42).putInt(8).array());
    for (TiffFile page = this; page != null; page = page.next) {
      page.write(out);
    }
    return out.toByteArray();
  }

  private ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(order);
  }

  private void write(ByteArrayOutputStream out) {
    int[] zeros = new int[strips.size()];
    tags.put(STRIPS, zeros);
    tags.put(STRIP_BYTES, strips.stream().mapToInt(strip -> strip.length).toArray());
    int far = out.size() + 2 + 12 * tags.size() + 4;
    int at = far;
    for (Map.Entry<Integer, int[]> tag : tags.entrySet()) {
      int bytes = size(tag.getKey()) * tag.getValue().length;
      at += bytes > 4 ? bytes : 0;
    }
    int[] starts = new int[strips.size()];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = at;
      at += strips.get(i).length;
    }
    tags.put(STRIPS, starts);
    ByteBuffer directory = buffer(2 + 12 * tags.size() + 4).putShort((short) tags.size());
    ByteArrayOutputStream values = new ByteArrayOutputStream();
    for (Map.Entry<Integer, int[]> tag : tags.entrySet()) {
      int size = size(tag.getKey());
      int count = tag.getValue().length;
      directory.putShort((short) (int) tag.getKey()).putShort((short) type(size));
      directory.putInt(count);
      ByteBuffer value = buffer(Math.max(4, size * count));
      for (int v : tag.getValue()) {
        if (size == 1) {
          value.put((byte) v);
        } else if (size == 2) {
          value.putShort((short) v);
        } else {
          value.putInt(v);
        }
      }
      if (size * count > 4) {
        directory.putInt(far + values.size());
        values.write(value.array(), 0, size * count);
      } else {
        directory.put(value.array());
      }
    }
    directory.putInt(next == null ? 0 : at);
    out.writeBytes(directory.array());
    out.writeBytes(values.toByteArray());
    strips.forEach(out::writeBytes);
  }

  private static int size(int tag) {
    return tag == STRIPS || tag == STRIP_BYTES ? 4 : tag == JPEG_TABLES ? 1 : 2;
  }

  private static int type(int size) {
    return size == 1 ? UNDEFINED : size == 2 ? SHORT : LONG;
  }
}
