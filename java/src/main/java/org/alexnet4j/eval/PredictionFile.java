package org.alexnet4j.eval;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.NpyWriter;

/**
 * Writes what a network says of all images of a set, one row each, in their order; the file appears
 * whole, with {@link #commit}, or not at all. Its ending says what it is:
 *
 * <ul>
 *   <li>{@code .npy}: float32 {@code [images,classes]}, with a {@link RowList} beside it
 *   <li>{@code .csv}: RFC 4180 in UTF-8 with a head: name, label and the likeliest classes, whose
 *       numbers count from 0
 *   <li>{@code .txt}: as ILSVRC took submissions, the five likeliest classes, numbers from 1
 * </ul>
 *
 * <p>One thread writes.
 */
public abstract sealed class PredictionFile implements ProbabilityRows, AutoCloseable {
  /** The endings, as a command names them. */
  public static final List<String> ENDINGS = List.of(".npy", ".csv", ".txt");

  /** How many guesses ILSVRC takes for each image. */
  public static final int ILSVRC_GUESSES = 5;

  private static final String LINE = "\r\n"; // RFC 4180

  private PredictionFile() {}

  /**
   * {@return whether a file's name says that it has a stated number of guesses}
   *
   * @param file the file to write
   */
  public static boolean hasGuesses(Path file) {
    return is(file, ".csv");
  }

  private static boolean is(Path file, String ending) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(ending);
  }

  /**
   * Begins a file.
   *
   * @param file the file to write; its ending says its form
   * @param images all that will come
   * @param classes names, in the order of the probabilities
   * @param top guesses of each image in a {@code .csv}; no more than there are classes
   * @return the file; the caller ends it
   * @throws IllegalArgumentException if it is {@code .txt} and there are fewer than five classes
   * @throws IOException if it cannot be written
   */
  public static PredictionFile create(Path file, Dataset images, List<String> classes, int top)
      throws IOException {
    if (is(file, ".npy")) {
      return new Array(file, images, classes.size());
    }
    if (is(file, ".csv")) {
      return new Table(file, images, classes, Math.min(top, classes.size()));
    }
    if (classes.size() < ILSVRC_GUESSES) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: a line of ILSVRC has five classes, there are %d; allowed: .npy or .csv",
              file,
              classes.size()));
    }
    return new Submission(file, classes.size());
  }

  /**
   * Gives the file its name.
   *
   * @throws IOException if it cannot be completed
   */
  public abstract void commit() throws IOException;

  @Override
  public abstract void close() throws IOException;

  /** Probabilities as they are. */
  private static final class Array extends PredictionFile {
    private final Path file;
    private final Dataset images;
    private final int classes;
    private final NpyWriter writer;

    Array(Path file, Dataset images, int classes) throws IOException {
      this.file = file;
      this.images = images;
      this.classes = classes;
      this.writer = NpyWriter.create(file, DType.FLOAT32, images.size(), classes);
    }

    @Override
    public void at(int first, int count, float[] probabilities) throws IOException {
      ByteBuffer bytes =
          ByteBuffer.allocate(Float.BYTES * count * classes).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(probabilities, 0, count * classes);
      writer.write(bytes);
    }

    @Override
    public void commit() throws IOException {
      RowList.write(file, images); // first: no array has another one's list beside it for long
      writer.commit();
    }

    @Override
    public void close() throws IOException {
      writer.close();
    }
  }

  /** A file of lines. */
  private abstract static sealed class Lines extends PredictionFile {
    private final AtomicFile file;
    private final int classes;

    Lines(Path file, int classes) throws IOException {
      this.file = AtomicFile.create(file);
      this.classes = classes;
    }

    /** Adds the line of an image, whose classes come by falling probability. */
    abstract void line(
        StringBuilder text, int image, int[] ranked, float[] probabilities, int offset);

    @Override
    public void at(int first, int count, float[] probabilities) throws IOException {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < count; i++) {
        int[] ranked = Evaluator.ranked(probabilities, i * classes, classes);
        line(text, first + i, ranked, probabilities, i * classes);
      }
      write(text.toString());
    }

    final void write(String text) throws IOException {
      file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void commit() throws IOException {
      file.commit();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private static final class Table extends Lines {
    private final Dataset images;
    private final List<String> names;
    private final int top;

    Table(Path file, Dataset images, List<String> names, int top) throws IOException {
      super(file, names.size());
      this.images = images;
      this.names = names;
      this.top = top;
      StringBuilder head = new StringBuilder("image,label");
      for (int k = 1; k <= top; k++) {
        head.append(String.format(Locale.ROOT, ",class%d,name%d,probability%d", k, k, k));
      }
      write(head + LINE);
    }

    @Override
    void line(StringBuilder text, int image, int[] ranked, float[] probabilities, int offset) {
      text.append(field(images.name(image))).append(',');
      text.append(images.label(image) < 0 ? "" : images.label(image));
      for (int k = 0; k < top; k++) {
        text.append(',').append(ranked[k]).append(',').append(field(names.get(ranked[k])));
        text.append(',').append(probabilities[offset + ranked[k]]);
      }
      text.append(LINE);
    }

    /** Quotes a field that has a quote, a comma or an end of line. */
    private static String field(String text) {
      boolean plain = IntStream.of(',', '"', '\r', '\n').noneMatch(c -> text.indexOf(c) >= 0);
      return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
  }

  private static final class Submission extends Lines {
    Submission(Path file, int classes) throws IOException {
      super(file, classes);
    }

    @Override
    void line(StringBuilder text, int image, int[] ranked, float[] probabilities, int offset) {
      for (int k = 0; k < ILSVRC_GUESSES; k++) {
        text.append(k == 0 ? "" : " ").append(ranked[k] + 1);
      }
      text.append('\n');
    }
  }
}
