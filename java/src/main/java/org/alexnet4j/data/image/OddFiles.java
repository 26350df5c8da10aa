package org.alexnet4j.data.image;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Says what is unusual about image files. */
public final class OddFiles {
  private static final Map<String, ImageHeader.Format> BY_NAME = new HashMap<>();

  static {
    name(ImageHeader.Format.JPEG, "jpg", "jpeg", "jpe", "jfif", "jif", "pjpeg");
    name(ImageHeader.Format.PNG, "png");
    name(ImageHeader.Format.GIF, "gif");
    name(ImageHeader.Format.BMP, "bmp", "dib");
    name(ImageHeader.Format.TIFF, "tif", "tiff");
    name(ImageHeader.Format.PNM, "ppm", "pgm", "pbm", "pnm");
  }

  private static void name(ImageHeader.Format format, String... extensions) {
    for (String extension : extensions) {
      BY_NAME.put(extension, format);
    }
  }

  private OddFiles() {}

  /** Returns why a reader would want to see this file listed. */
  public static List<String> reasons(ImageHeader header, String name, boolean upright) {
    List<String> reasons = new ArrayList<>();
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    ImageHeader.Format named = BY_NAME.get(extension); // the others are noted as such
    if (named != null && named != header.format()) {
      reasons.add(header.format() + " by its content");
    }
    reasons.addAll(header.oddities());
    if (header.orientation() != 1) {
      reasons.add(
          "EXIF orientation " + header.orientation() + (upright ? ", honoured" : ", ignored"));
    }
    return reasons;
  }

  /** Counts a file among those of its sort. */
  public static void count(ImageHeader header, boolean enlarged, TreeMap<String, Integer> kinds) {
    kinds.merge((header.format() + " " + header.kind()).strip(), 1, Integer::sum);
    if (enlarged) {
      kinds.merge("enlarged", 1, Integer::sum);
    }
    if (header.orientation() != 1) {
      kinds.merge("EXIF orientation", 1, Integer::sum);
    }
  }

  /** Returns the sentence behind the number of enlarged images. */
  public static String enlarged(int images, int side) {
    return String.format(
        Locale.ROOT, "of %,d images are smaller than %d pixels and were enlarged", images, side);
  }

  /** Returns the sentence behind the number of packed images that are too small. */
  public static String packedSmaller(int packed, int side) {
    return String.format(
        Locale.ROOT,
        "images are packed with %d pixels, fewer than the %d asked for, and are enlarged",
        packed,
        side);
  }

  /** Returns the words behind the number of images that are odd in one way. */
  public static String odd(String reason) {
    return "images (" + reason + ")";
  }
}
