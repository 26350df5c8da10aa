package org.alexnet4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Says what is unusual about image files: rare ones by name, frequent ones by number. */
final class OddFiles {
  private static final Map<String, ImageHeader.Format> BY_NAME =
      Map.of(
          "jpg", ImageHeader.Format.JPEG,
          "jpeg", ImageHeader.Format.JPEG,
          "png", ImageHeader.Format.PNG,
          "gif", ImageHeader.Format.GIF,
          "bmp", ImageHeader.Format.BMP,
          "tif", ImageHeader.Format.TIFF,
          "tiff", ImageHeader.Format.TIFF,
          "ppm", ImageHeader.Format.PPM);

  private OddFiles() {}

  /** Returns why a reader would want to see this file listed. */
  static List<String> reasons(ImageHeader header, String name, boolean upright) {
    List<String> reasons = new ArrayList<>();
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    if (BY_NAME.get(extension) != header.format()) {
      reasons.add(header.format() + " by its content");
    }
    if (header.kind().contains("CMYK") || header.kind().contains("YCCK")) {
      reasons.add(header.kind() + " colours");
    }
    if (header.kind().equals("16 bits")) {
      reasons.add("16 bits, rounded to 8");
    }
    if (header.orientation() != 1) {
      reasons.add(
          "EXIF orientation " + header.orientation() + (upright ? ", honoured" : ", ignored"));
    }
    return reasons;
  }

  /** Counts a file among those of its sort. */
  static void count(ImageHeader header, boolean enlarged, TreeMap<String, Integer> kinds) {
    kinds.merge((header.format() + " " + header.kind()).strip(), 1, Integer::sum);
    if (enlarged) {
      kinds.merge("enlarged", 1, Integer::sum);
    }
    if (header.orientation() != 1) {
      kinds.merge("EXIF orientation", 1, Integer::sum);
    }
  }
}
