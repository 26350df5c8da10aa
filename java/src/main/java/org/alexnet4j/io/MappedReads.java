package org.alexnet4j.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Reads mapped files that somebody may cut meanwhile, or whose disk may fail. The virtual machine
 * then throws an {@link InternalError} that names no file; here it becomes an exception that does.
 * This holds for single values and for copies of many; comparing mapped buffers with each other is
 * compiled to code in which the fault ends the virtual machine.
 */
public final class MappedReads {
  /**
   * So many arrays in an array are never allocated by compiled code alone, as a single one may be.
   */
  private static final int ARRAYS = 8;

  /** Keeps the compiler from leaving an allocation out. */
  private static volatile Object kept;

  private MappedReads() {}

  /**
   * Takes or copies bytes of mapped files, and does not compare them where they lie.
   *
   * @param <T> what is read
   */
  public interface Reading<T> {
    /**
     * Reads.
     *
     * @return what was read
     * @throws IOException if what is there is of no use
     */
    T read() throws IOException;
  }

  /**
   * Reads.
   *
   * @param <T> what is read
   * @param where the place in the files, as in {@code "tensor conv1.weight"}
   * @param reading touches the files
   * @param files that are mapped, one or more
   * @return what the reading returned
   * @throws FormatException if one no longer reaches so far, or cannot be read; the text names it
   * @throws IOException what the reading throws
   */
  public static <T> T guard(String where, Reading<T> reading, Path... files) throws IOException {
    long[] before = Arrays.stream(files).mapToLong(MappedReads::size).toArray();
    try {
      T result = reading.read();
      // Up to JDK 20 compiled code hears of a fault only when it enters the virtual machine.
      kept = new byte[ARRAYS][1];
      kept = null;
      return result;
    } catch (InternalError e) {
      FormatException failure = failure(where, before, files);
      failure.initCause(e);
      throw failure;
    }
  }

  private static FormatException failure(String where, long[] before, Path... files) {
    for (int i = 0; i < files.length; i++) {
      if (files.length == 1 || size(files[i]) < before[i]) {
        return new FormatException(
            files[i], where, "the file was cut, or its disk failed, while it was read");
      }
    }
    String others =
        Arrays.stream(files).skip(1).map(Path::toString).collect(Collectors.joining(", "));
    return new FormatException(
        files[0], where, "the disk of this file, or of " + others + ", failed while it was read");
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0; // it has gone; what was mapped of it stays
    }
  }
}
