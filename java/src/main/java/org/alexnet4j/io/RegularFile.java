package org.alexnet4j.io;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Files in folders that others can write to. There a name may be a link to something else, a pipe
 * that never answers, a device without an end: it is looked at before it is opened, and no link is
 * followed.
 *
 * @hidden
 */
public final class RegularFile {
  private RegularFile() {}

  /**
   * {@return what is in the place of a file: {@code a link}, {@code a folder}, {@code a pipe or a
   * device}; empty if it is a file, or if nothing is there}
   *
   * @param file where the file is or would be
   */
  public static Optional<String> obstacle(Path file) {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
    } catch (IOException e) {
      return Optional.empty(); // not there, or not to be seen: whoever opens it says so
    }
    if (attributes.isRegularFile()) {
      return Optional.empty();
    }
    return Optional.of(
        attributes.isSymbolicLink()
            ? "a link"
            : attributes.isDirectory() ? "a folder" : "a pipe or a device");
  }

  /**
   * Opens a file, or makes it if the options say so.
   *
   * @param file the file
   * @param options as of {@link FileChannel#open}
   * @return the open file
   * @throws FileSystemException if something else is in its place; the text says what
   * @throws IOException if it cannot be opened
   */
  public static FileChannel open(Path file, OpenOption... options) throws IOException {
    Optional<String> obstacle = obstacle(file);
    if (obstacle.isPresent()) {
      throw new FileSystemException(
          file.toString(), null, "is " + obstacle.get() + "; allowed: a file; remove it");
    }
    Set<OpenOption> all = new HashSet<>(Set.of(options));
    all.add(NOFOLLOW_LINKS);
    if (!all.contains(CREATE)) {
      return FileChannel.open(file, all);
    }
    FileChannel[] opened = new FileChannel[1];
    Unfinished.makeInTime(() -> opened[0] = FileChannel.open(file, all));
    return opened[0];
  }

  /**
   * Reads a text in UTF-8.
   *
   * @param file the file
   * @param most bytes that it may have
   * @return the text
   * @throws FormatException if it is no file, longer, or not UTF-8; the text names the byte
   * @throws IOException if it cannot be read
   */
  public static String readText(Path file, int most) throws IOException {
    Optional<String> obstacle = obstacle(file);
    if (obstacle.isPresent()) {
      throw new FormatException(file, "the name", "is " + obstacle.get() + "; allowed: a file");
    }
    byte[] bytes;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, NOFOLLOW_LINKS)) {
      if (channel.size() > most) {
        throw new FormatException(
            file, "byte " + most, "has " + channel.size() + " bytes; allowed: at most " + most);
      }
      ByteBuffer content = ByteBuffer.allocate((int) channel.size());
      while (content.hasRemaining() && channel.read(content) >= 0) {}
      bytes = Arrays.copyOf(content.array(), content.position());
    }
    return decode(file, "", bytes);
  }

  /**
   * Decodes UTF-8.
   *
   * @param place of the bytes in the file, for the message; empty for its beginning
   * @throws FormatException if it is not UTF-8; the text names the byte
   */
  static String decode(Path file, String place, byte[] bytes) throws FormatException {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer from = ByteBuffer.wrap(bytes);
    CharBuffer to = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(from, to, true);
    if (result.isError()) {
      throw new FormatException(
          file,
          (place.isEmpty() ? "" : place + ", ") + "byte " + from.position(),
          String.format(Locale.ROOT, "0x%02x", bytes[from.position()] & 255) + " is not UTF-8");
    }
    return to.flip().toString();
  }
}
