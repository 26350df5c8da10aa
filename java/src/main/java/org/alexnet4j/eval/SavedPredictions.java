package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Doubles;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.Npy;

/**
 * Predictions of the same images from several files, averaged as an {@link Ensemble} averages those
 * of networks. Threads: one caller.
 *
 * @hidden
 */
public final class SavedPredictions implements AutoCloseable {
  /** Rows at a time. */
  private static final int CHUNK = 1024;

  /** How far from 1 the sum of a row may be: half precision on the way costs as much. */
  private static final double SUM_TOLERANCE = 0.01;

  private final ImmutableList<Path> files;
  private final List<Npy> arrays = new ArrayList<>();
  private final double[] shares;
  private final int images;
  private final int classes;

  private SavedPredictions(List<Path> files, double[] shares, Dataset images) {
    this.files = ImmutableList.copyOf(files);
    this.shares = shares;
    this.images = images.size();
    this.classes = images.classes().size();
  }

  /**
   * Opens files of {@code [images,classes]}.
   *
   * @param files a {@code .npy} file for each network
   * @param shares as in {@link Ensemble}
   * @param images that the rows are of
   * @param notes hears which files have no list of their images beside them
   * @return the files
   * @throws IOException if one is missing, damaged, of another shape, or of other images
   */
  public static SavedPredictions open(
      List<Path> files, List<? extends Number> shares, Dataset images, Consumer<String> notes)
      throws IOException {
    double[] parts = Ensemble.parts(shares, files.size(), "files");
    SavedPredictions opened = new SavedPredictions(files, parts, images);
    try {
      for (Path file : files) {
        Npy array = Npy.open(file);
        opened.arrays.add(array);
        array.require(DType.FLOAT32, images.size(), images.classes().size());
        if (!RowList.requireSame(file, images)) {
          notes.accept(
              file
                  + ": there is no "
                  + RowList.beside(file).getFileName()
                  + " beside it, so that"
                  + " its images are taken for those of the data, in their order");
        }
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** {@return the shares of the files, whose sum is 1} */
  public List<Double> shares() {
    return Doubles.asList(shares.clone());
  }

  /**
   * Hands over the averages of all images.
   *
   * @param rows takes them
   * @throws IOException if a file cannot be read, or what {@code rows} throws
   */
  public void forEach(ProbabilityRows rows) throws IOException {
    for (int first = 0; first < images; first += CHUNK) {
      int count = Math.min(CHUNK, images - first);
      rows.at(first, count, average(first, count, shares));
    }
  }

  private float[] average(int first, int count, double[] parts) throws IOException {
    double[] sums = new double[count * classes];
    for (int m = 0; m < parts.length; m++) {
      float[] values = read(m, first, count);
      for (int i = 0; i < sums.length; i++) {
        sums[i] += parts[m] * values[i];
      }
    }
    return Ensemble.rounded(sums);
  }

  /**
   * Returns what each file says of the own class of some of the images.
   *
   * @param part of the images that the files were opened for
   * @return {@code [images,files]}
   * @throws IOException if a file cannot be read
   */
  public double[][] own(ChosenImages part) throws IOException {
    double[][] own = new double[part.size()][shares.length];
    for (int i = 0; i < part.size(); i++) {
      for (int m = 0; m < shares.length; m++) {
        own[i][m] = read(m, part.place(i), 1)[part.label(i)];
      }
    }
    return own;
  }

  /**
   * Hands over the averages of some of the images, one at a time.
   *
   * @param part of the images that the files were opened for
   * @param parts shares of the files, their sum 1
   * @param rows takes them
   * @throws IOException if a file cannot be read, or what {@code rows} throws
   */
  public void forEach(ChosenImages part, double[] parts, ProbabilityRows rows) throws IOException {
    for (int i = 0; i < part.size(); i++) {
      rows.at(i, 1, average(part.place(i), 1, parts));
    }
  }

  private float[] read(int member, int first, int count) throws IOException {
    Path file = files.get(member);
    float[] values = new float[count * classes];
    FloatBuffer rows = arrays.get(member).rows(first, count).asFloatBuffer();
    MappedReads.guard("predictions", () -> rows.get(values), file);
    for (int row = 0; row < count; row++) {
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        float value = values[row * classes + c];
        if (!(value >= 0 && value <= 1 + SUM_TOLERANCE)) {
          throw refused(file, first + row, "class " + c + " has " + value);
        }
        sum += value;
      }
      if (Math.abs(sum - 1) > SUM_TOLERANCE) {
        throw refused(file, first + row, String.format(Locale.ROOT, "adds up to %.4f", sum));
      }
    }
    return values;
  }

  private static FormatException refused(Path file, int row, String what) {
    return new FormatException(
        file, "row " + row, what + "; allowed: probabilities, 0 to 1, which add up to 1");
  }

  @Override
  public void close() throws IOException {
    for (Npy array : arrays) {
      array.close();
    }
  }
}
