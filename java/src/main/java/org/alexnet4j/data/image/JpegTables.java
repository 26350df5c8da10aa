package org.alexnet4j.data.image;

import java.util.HashMap;
import java.util.Map;

/**
 * Says whether the tables that each scan of a JPEG needs stand before it. A decoder that has read
 * another image goes on with that one's tables where a file has none, and the pixels depend on what
 * was read before.
 */
final class JpegTables {
  static final int DHT = 0xC4;
  static final int SOS = 0xDA;
  static final int DQT = 0xDB;

  private static final int PROGRESSIVE = 0xC2;
  private static final int VALUES = 64;
  private static final int LENGTHS = 16;

  private final byte[] file;
  private final Map<Integer, Integer> quantization = new HashMap<>(); // by component
  private int quantizations; // bit t: table t is there
  private int dcs;
  private int acs;
  private boolean progressive;
  private String fault;

  JpegTables(byte[] file) {
    this.file = file;
  }

  /** Returns which table is missing, or null. */
  String fault() {
    return fault;
  }

  /** Takes the tables of another stream, such as those that a TIFF keeps apart. */
  void take(JpegTables other) {
    quantizations |= other.quantizations;
    dcs |= other.dcs;
    acs |= other.acs;
  }

  /** Looks at a segment that lies whole in the file, {@code at} its marker. */
  void segment(int marker, int at) {
    int end = at + 2 + (s8(at + 2) << 8 | s8(at + 3));
    switch (marker) {
      case DQT -> quantizations(at + 4, end);
      case DHT -> codes(at + 4, end);
      case SOS -> scan(at, end);
      default -> {}
    }
  }

  /** Looks at the segment that begins a frame. */
  void frame(int marker, int at) {
    int end = at + 2 + (s8(at + 2) << 8 | s8(at + 3));
    progressive = marker == PROGRESSIVE;
    int components = s8(at + 9);
    for (int i = 0; i < components && at + 13 + 3 * i <= end; i++) {
      quantization.put(s8(at + 10 + 3 * i), s8(at + 12 + 3 * i));
    }
  }

  private void quantizations(int from, int end) {
    int at = from;
    while (at < end) {
      int bytes = 1 + VALUES * (s8(at) >> 4 == 0 ? 1 : 2);
      quantizations |= at + bytes <= end ? 1 << (s8(at) & 15) : 0;
      at += bytes;
    }
  }

  private void codes(int from, int end) {
    int at = from;
    while (at + LENGTHS < end) {
      int bytes = 1 + LENGTHS;
      for (int i = 1; i <= LENGTHS; i++) {
        bytes += s8(at + i);
      }
      int table = at + bytes <= end ? 1 << (s8(at) & 15) : 0;
      if (s8(at) >> 4 == 0) {
        dcs |= table;
      } else {
        acs |= table;
      }
      at += bytes;
    }
  }

  private void scan(int at, int end) {
    int components = s8(at + 4);
    int band = at + 5 + 2 * components; // first coefficient, last, bits
    if (band + 3 > end) {
      return;
    }
    boolean first = s8(band) == 0;
    boolean refines = s8(band + 2) >> 4 != 0;
    for (int i = 0; i < components; i++) {
      int component = s8(at + 5 + 2 * i);
      int tables = s8(at + 6 + 2 * i);
      require(quantizations, quantization.getOrDefault(component, 0), "quantization table", at);
      if (!progressive || first && !refines) {
        require(dcs, tables >> 4, "Huffman table of DC", at);
      }
      if (!progressive || !first) {
        require(acs, tables & 15, "Huffman table of AC", at);
      }
    }
  }

  private void require(int there, int table, String what, int at) {
    if (fault == null && (there >> table & 1) == 0) {
      fault = "no " + what + " " + table + " before the scan at byte " + at;
    }
  }

  private int s8(int at) {
    return at < file.length ? file[at] & 255 : 0;
  }
}
