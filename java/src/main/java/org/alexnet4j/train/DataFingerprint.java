package org.alexnet4j.train;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.data.Dataset;

/**
 * Tells one list of images from another: SHA-256 over size, classes, labels and names, in their
 * order. Pixels are not read, which would take as long as an epoch.
 *
 * @hidden
 */
public final class DataFingerprint {
  /** Where lengths stand before names; without it a line feed ended each name. */
  private static final String WITH_LENGTHS = "2:";

  private DataFingerprint() {}

  /**
   * {@return the fingerprint of a part of some data}
   *
   * @param images the data set
   */
  public static String of(Dataset images) {
    return WITH_LENGTHS + hash(images, true);
  }

  /**
   * {@return the sum of a part of some data in {@code env.json}: SHA-256 over labels and names} A
   * second for a million images, and a moved file is noticed.
   *
   * @param images the data set
   */
  public static String ofNames(Dataset images) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (int i = 0; i < images.size(); i++) {
      put(hasher.putInt(images.label(i)), images.name(i), true);
    }
    return hasher.hash().toString();
  }

  /** Returns whether a fingerprint is that of images, in the form that it was taken in. */
  static boolean matches(String fingerprint, Dataset images) {
    return fingerprint.equals(
        fingerprint.startsWith(WITH_LENGTHS) ? of(images) : hash(images, false));
  }

  private static String hash(Dataset images, boolean lengths) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putInt(images.size()).putInt(images.source());
    images.classes().forEach(name -> put(hasher, name, lengths));
    for (int i = 0; i < images.size(); i++) {
      put(hasher.putInt(images.label(i)), images.name(i), lengths);
    }
    return hasher.hash().toString();
  }

  private static void put(Hasher hasher, String name, boolean length) {
    if (length) {
      hasher.putInt(name.length()).putString(name, StandardCharsets.UTF_8);
    } else {
      hasher.putString(name + "\n", StandardCharsets.UTF_8);
    }
  }
}
