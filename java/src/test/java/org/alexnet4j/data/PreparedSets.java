package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.alexnet4j.data.packed.Hashes;

/** Small sets of images for tests, and what is asked of prepared ones. */
public final class PreparedSets {
  private PreparedSets() {}

  /** Writes train/cN/iM.png and val/cN/iM.png, all images different and of several sizes. */
  public static void folder(Path to, int classes, int images) throws IOException {
    for (String part : List.of("train", "val")) {
      for (int c = 0; c < classes; c++) {
        Path folder = Files.createDirectories(to.resolve(part).resolve("c" + c));
        for (int i = 0; i < images; i++) {
          int red = part.equals("train") ? 10 * i + 5 : 10 * i;
          Files.write(folder.resolve("i" + i + ".png"), Pictures.noise(6 + i, 9, red + 100 * c));
        }
      }
    }
  }

  /** Returns what a set shows of an image file, uint8 [side,side,3]. */
  public static byte[] decoded(byte[] file, int side) throws IOException {
    ByteBuffer to = ByteBuffer.allocate(3 * side * side);
    ImageFolder.decode(file, "an image", side, to);
    return to.array();
  }

  public static byte[] read(Dataset set, int index) throws IOException {
    ByteBuffer to = ByteBuffer.allocate(set.imageBytes());
    set.read(index, to);
    return to.array();
  }

  /** SHA-256 of every file below a folder. */
  public static Map<String, String> hashes(Path folder) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.isRegularFile(file)) {
          hashes.put(folder.relativize(file).toString(), Hashes.ofFile(file));
        }
      }
    }
    return hashes;
  }
}
