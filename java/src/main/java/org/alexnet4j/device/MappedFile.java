package org.alexnet4j.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;

/**
 * Copies between buffers, of which one may be a mapped file that somebody cuts meanwhile. Java code
 * gets an {@link InternalError} where native code would be ended by SIGBUS; so bytes of a caller's
 * buffer are touched here and nowhere else.
 */
final class MappedFile {
  /** {@code start-end permissions offset device inode path}, as proc(5) says. */
  private static final Pattern MAPPING =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) \\S+ \\S+ \\S+ \\d+ +(/.*)");

  /**
   * So many arrays in an array are never allocated by compiled code alone, as a single one may be.
   */
  private static final int ARRAYS = 8;

  /** Keeps the compiler from leaving an allocation out. */
  private static volatile Object kept;

  private MappedFile() {}

  /** A copy that may touch a mapped file. */
  interface Copy {
    void run();
  }

  /**
   * Runs a copy of bytes of a buffer.
   *
   * @param buffer the caller's
   * @param copy touches it
   * @throws UncheckedIOException if the buffer is a mapped file that no longer reaches so far; the
   *     text names the file
   */
  static void guard(ByteBuffer buffer, Copy copy) {
    try {
      copy.run();
      // Up to JDK 20 compiled code hears of a fault only when it enters the virtual machine.
      kept = new byte[ARRAYS][1];
      kept = null;
    } catch (InternalError e) {
      throw new UncheckedIOException(cut(buffer, e));
    }
  }

  private static IOException cut(ByteBuffer buffer, InternalError cause) {
    String file = null;
    try {
      file = buffer.isDirect() ? find(new BytePointer(buffer.duplicate().clear()).address()) : null;
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    FileSystemException failure =
        new FileSystemException(
            file == null ? "a mapped file" : file,
            null,
            "is shorter than what was mapped of it: it was cut while it was in use");
    failure.initCause(cause);
    return failure;
  }

  /** Returns the file that is mapped at an address, or null. */
  private static String find(long address) throws IOException {
    // Names have the bytes that they have on disk.
    for (String line :
        Files.readAllLines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.matches()
          && Long.parseUnsignedLong(mapping.group(1), 16) <= address
          && address < Long.parseUnsignedLong(mapping.group(2), 16)) {
        byte[] name = mapping.group(3).getBytes(StandardCharsets.ISO_8859_1);
        return new String(name, StandardCharsets.UTF_8);
      }
    }
    return null;
  }
}
