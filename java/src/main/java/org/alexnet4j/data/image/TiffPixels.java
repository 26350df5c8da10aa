package org.alexnet4j.data.image;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * Whether the strips or tiles of a TIFF's first page hold all its pixels. The reader of Java takes
 * zeros, or what lies behind, for those that are missing.
 */
final class TiffPixels {
  private static final int STRIP_STARTS = 273;
  private static final int ROWS = 278;
  private static final int STRIP_BYTES = 279;
  private static final int PLANAR = 284;
  private static final int COLOUR_MAP = 320;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_STARTS = 324;
  private static final int TILE_BYTES = 325;
  private static final int JPEG_TABLES = 347;
  private static final int SUBSAMPLING = 530;

  private static final int MARKER_BYTES = 2;
  private static final int MOST_PALETTE_BITS = 16;
  private static final int MOST_TILE_SIDE = 1 << 16;

  /** The tags that are asked for here. */
  static final Set<Integer> TAGS =
      Set.of(
          STRIP_STARTS,
          ROWS,
          STRIP_BYTES,
          PLANAR,
          COLOUR_MAP,
          TILE_WIDTH,
          TILE_HEIGHT,
          TILE_STARTS,
          TILE_BYTES,
          JPEG_TABLES,
          SUBSAMPLING);

  private final byte[] file;
  private final Map<Integer, int[]> tags;
  private final long width;
  private final long height;
  private final int samples;
  private final int bits;
  private final boolean tiled;
  private final boolean apart; // each sample has its own strips

  TiffPixels(byte[] file, Map<Integer, int[]> tags) {
    this.file = file;
    this.tags = tags;
    this.width = one(TiffTags.WIDTH, 0);
    this.height = one(TiffTags.HEIGHT, 0);
    this.samples = one(TiffTags.SAMPLES, 1);
    this.bits = one(TiffTags.BITS, 1);
    this.tiled = tags.containsKey(TILE_WIDTH);
    this.apart = one(PLANAR, 1) == 2 && samples > 1;
  }

  private int one(int tag, int otherwise) {
    return tags.containsKey(tag) ? tags.get(tag)[0] : otherwise;
  }

  /** Returns what is wrong, or null. */
  String fault() {
    if (one(TiffTags.PHOTOMETRIC, 0) == TiffTags.PALETTE) {
      int entries = tags.getOrDefault(COLOUR_MAP, new int[0]).length;
      if (bits > MOST_PALETTE_BITS) {
        return "not supported: TIFF with a palette of " + bits + " bits";
      }
      if (entries < 3 << bits) {
        return "damaged TIFF: a palette of " + entries + " of its " + (3 << bits) + " numbers";
      }
    }
    long rows = tiled ? one(TILE_HEIGHT, 0) : one(ROWS, -1) & 0xFFFFFFFFL;
    long columns = tiled ? one(TILE_WIDTH, 0) : width;
    if (rows < 1 || columns < 1 || tiled && Math.max(rows, columns) > MOST_TILE_SIDE) {
      return "damaged TIFF: tiles or strips of " + columns + "x" + rows + " pixels";
    }
    rows = tiled ? rows : Math.min(rows, height);
    long plane = ((width + columns - 1) / columns) * ((height + rows - 1) / rows);
    long parts = plane * (apart ? samples : 1);
    int[] starts = tags.getOrDefault(tiled ? TILE_STARTS : STRIP_STARTS, new int[0]);
    if (starts.length < parts) {
      return "damaged TIFF: " + starts.length + " of its " + parts + (tiled ? " tiles" : " strips");
    }
    int[] sizes = tags.getOrDefault(tiled ? TILE_BYTES : STRIP_BYTES, new int[0]);
    for (int i = 0; i < parts; i++) {
      long first = i % plane * rows;
      long high = tiled ? rows : Math.min(rows, height - first);
      long start = starts[i] & 0xFFFFFFFFL;
      long size = i < sizes.length ? sizes[i] & 0xFFFFFFFFL : file.length;
      String fault = fault(start, size, bytes(columns, high));
      if (fault != null) {
        return fault.startsWith("truncated")
            ? fault
            : "damaged TIFF: " + (tiled ? "tile " : "strip ") + i + " at byte " + start + fault;
      }
    }
    return null;
  }

  /** Returns how many bytes the samples of a strip or tile take. */
  private long bytes(long columns, long rows) {
    if (one(TiffTags.PHOTOMETRIC, 0) == TiffTags.YCBCR) {
      if (apart) {
        return 0; // strips of several sizes, which the reader refuses
      }
      int[] shared = tags.getOrDefault(SUBSAMPLING, new int[] {2, 2});
      int across = Math.max(1, shared[0]);
      int down = Math.max(1, shared.length > 1 ? shared[1] : shared[0]);
      long units = (columns + across - 1) / across * ((rows + down - 1) / down);
      return units * (across * down + 2) * bits / 8;
    }
    return (columns * (apart ? 1 : samples) * bits + 7) / 8 * rows;
  }

  private String fault(long start, long size, long needed) {
    long there = Math.min(size, file.length - start);
    if (there < 1 && size > 0) {
      return "truncated TIFF: the file ends before its pixels";
    }
    int compression = one(TiffTags.COMPRESSION, 1);
    int from = (int) Math.min(start, file.length);
    int to = (int) Math.max(from, start + there);
    if (compression == TiffTags.JPEG) {
      return jpeg(Arrays.copyOfRange(file, from, to));
    }
    long got =
        switch (compression) {
          case 1 -> to - from;
          case 5 -> Unpacked.lzw(file, from, to, needed);
          case 8, 32946 -> Unpacked.deflate(file, from, to, needed);
          case 32773 -> Unpacked.packBits(file, from, to, needed);
          default -> needed; // CCITT and old JPEG: their readers notice
        };
    if (got >= needed) {
      return null;
    }
    if (got < 0) {
      return " is damaged zlib data";
    }
    return there < size
        ? "truncated TIFF: the file ends before its pixels"
        : (compression == 1 ? " has " : " unpacks to ") + got + " of " + needed + " bytes";
  }

  /** Each strip is a JPEG, of which the tables may stand in a tag. */
  private String jpeg(byte[] strip) {
    String fault = JpegWalk.faultOfPart(strip, tables());
    return fault == null ? null : " is a " + fault;
  }

  private byte[] tables() {
    int[] numbers = tags.getOrDefault(JPEG_TABLES, new int[0]);
    byte[] tables = new byte[numbers.length];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = (byte) numbers[i];
    }
    return tables;
  }

  /** Hears the JPEGs of a file. */
  interface Listener {
    /** Takes a whole JPEG. */
    void hear(byte[] jpeg) throws IOException;
  }

  /** Hands out the strips or tiles that are JPEGs, each with its tables; none in other packings. */
  void forEachJpeg(Listener listener) throws IOException {
    if (one(TiffTags.COMPRESSION, 1) != TiffTags.JPEG) {
      return;
    }
    int[] starts = tags.get(tiled ? TILE_STARTS : STRIP_STARTS);
    int[] sizes = tags.getOrDefault(tiled ? TILE_BYTES : STRIP_BYTES, new int[0]);
    byte[] tables = tables();
    int shared = Math.max(MARKER_BYTES, tables.length - MARKER_BYTES); // without its end
    for (int i = 0; i < starts.length; i++) {
      int size = i < sizes.length ? sizes[i] : file.length;
      int to = (int) Math.min((long) file.length, (long) starts[i] + size);
      byte[] strip = Arrays.copyOfRange(file, starts[i], Math.max(starts[i], to));
      byte[] whole = Arrays.copyOf(strip, shared + strip.length - MARKER_BYTES);
      if (tables.length > 0) {
        System.arraycopy(tables, 0, whole, 0, shared);
      }
      System.arraycopy(strip, MARKER_BYTES, whole, shared, strip.length - MARKER_BYTES);
      listener.hear(whole);
    }
  }
}
