package org.alexnet4j.train;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.data.Dataset;

/**
 * Tells one list of images from another: SHA-256 over size, classes, labels and names, in their
 * order. Pixels are not read, which would take as long as an epoch.
 */
final class DataFingerprint {
  private DataFingerprint() {}

  static String of(Dataset images) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putInt(images.size()).putInt(images.source());
    images.classes().forEach(name -> hasher.putString(name + "\n", StandardCharsets.UTF_8));
    for (int i = 0; i < images.size(); i++) {
      hasher.putInt(images.label(i)).putString(images.name(i) + "\n", StandardCharsets.UTF_8);
    }
    return hasher.hash().toString();
  }
}
