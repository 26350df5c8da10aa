package org.alexnet4j.data;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.packed.PackedArray;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.Npy;

/**
 * Reads the mean and the colours of a prepared folder: mean.npy and pca.json.
 *
 * @hidden
 */
public final class PackedStatistics {
  /** File of the mean of every pixel. */
  public static final String MEAN = "mean.npy";

  /** File of the colours' principal components. */
  public static final String COMPONENTS = "pca.json";

  private PackedStatistics() {}

  /**
   * Reads both files.
   *
   * @param side of the images in pixels
   * @throws DataException if one is missing, of another shape, or has a value that is no number
   */
  static Statistics read(Path folder, int side) throws IOException {
    Components components = components(folder.resolve(COMPONENTS));
    return new Statistics(
        mean(folder.resolve(MEAN), side),
        components.mean,
        new ColourComponents(components.eigenvalues, components.vectors));
  }

  private static float[] mean(Path file, int side) throws IOException {
    try (Npy npy = PackedArray.open(file, DType.FLOAT32, side, side, 3)) {
      float[] mean = npy.readFloats();
      for (int i = 0; i < mean.length; i++) {
        if (!Float.isFinite(mean[i])) {
          throw new DataException(file + ": value " + i, "is " + mean[i], "finite numbers");
        }
      }
      return mean;
    }
  }

  private static Components components(Path file) throws IOException {
    PackedArray.requireFile(file);
    Components read;
    try {
      read = new Gson().fromJson(Files.readString(file), Components.class);
    } catch (JsonParseException | CharacterCodingException e) {
      throw new DataException(file.toString(), "is not JSON", PackedArray.REMEDY, e);
    }
    if (read == null || !read.isWhole()) {
      throw new DataException(
          file.toString(), "lacks mean, eigenvalues or vectors", "three of each");
    }
    Optional<String> odd = read.odd();
    if (odd.isPresent()) {
      throw new DataException(
          file.toString(), odd.get(), "finite numbers, eigenvalues of 0 or more");
    }
    return read;
  }

  /** What pca.json has. */
  private record Components(float[] mean, double[] eigenvalues, double[][] vectors) {
    boolean isWhole() {
      return mean != null
          && mean.length == 3
          && eigenvalues != null
          && eigenvalues.length == 3
          && vectors != null
          && vectors.length == 3
          && Arrays.stream(vectors).allMatch(v -> v != null && v.length == 3);
    }

    /** Returns which value is no finite number, if one is. */
    Optional<String> odd() {
      for (int i = 0; i < 3; i++) {
        if (!Float.isFinite(mean[i])) {
          return Optional.of("mean[" + i + "] is " + mean[i]);
        }
        if (!(eigenvalues[i] >= 0 && Double.isFinite(eigenvalues[i]))) {
          return Optional.of("eigenvalues[" + i + "] is " + eigenvalues[i]);
        }
        for (int j = 0; j < 3; j++) {
          if (!Double.isFinite(vectors[i][j])) {
            return Optional.of("vectors[" + i + "][" + j + "] is " + vectors[i][j]);
          }
        }
      }
      return Optional.empty();
    }
  }
}
