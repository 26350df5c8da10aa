package org.alexnet4j.io;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that appears whole or not at all.
 *
 * <p>Bytes go to a temporary name in the same folder. {@link #commit} syncs them, renames the file
 * and syncs the folder, so that the name points at the old or the new content whenever the power
 * goes. Closing without a commit removes the temporary file and leaves the old content alone. One
 * thread writes.
 *
 * @hidden
 */
public final class AtomicFile implements AutoCloseable {
  private static final Pattern TEMPORARY = Pattern.compile("\\.(.+)\\.\\d{1,10}\\.tmp");

  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final Unfinished unfinished;
  private boolean committed;

  private AtomicFile(Path target, Path temporary) throws IOException {
    FileChannel[] opened = new FileChannel[1];
    this.target = target;
    this.temporary = temporary;
    this.unfinished =
        Unfinished.make(
            () -> {
              Files.createDirectories(temporary.getParent());
              // Of a process of the same number; or a link that somebody put.
              Files.deleteIfExists(temporary);
              opened[0] = FileChannel.open(temporary, CREATE_NEW, WRITE);
            },
            () -> Files.deleteIfExists(temporary));
    this.channel = opened[0];
  }

  /**
   * Opens the temporary file beside {@code target}; missing folders are created.
   *
   * @param target the file that appears at the end
   * @return the file
   * @throws IOException if the folder cannot be written or the name is a folder's; names the target
   */
  public static AtomicFile create(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new FileSystemException(target.toString(), null, "is a folder; allowed: a file's name");
    }
    String name = "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp";
    try {
      return new AtomicFile(target, folderOf(target).resolve(name));
    } catch (NoSuchFileException e) {
      throw because(new NoSuchFileException(target.toString(), null, e.getReason()), e);
    } catch (AccessDeniedException e) {
      throw because(new AccessDeniedException(target.toString(), null, e.getReason()), e);
    } catch (FileSystemException e) {
      throw because(new FileSystemException(target.toString(), null, e.getReason()), e);
    }
  }

  /** Keeps what was said about the temporary name, which means nothing to a person. */
  private static FileSystemException because(FileSystemException named, IOException cause) {
    named.initCause(cause);
    return named;
  }

  /**
   * Replaces {@code target} by a text in UTF-8.
   *
   * @param target the file
   * @param text all of it
   * @throws IOException if it cannot be written; the old content is then unchanged
   */
  public static void writeText(Path target, String text) throws IOException {
    try (AtomicFile file = create(target)) {
      file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      file.commit();
    }
  }

  /**
   * Writes all remaining bytes.
   *
   * @param bytes from the position to the limit
   * @throws IOException if the disk is full or fails; the text names the target
   */
  public void write(ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new IOException(target + ": writing failed: " + Reason.of(e), e);
    }
  }

  /**
   * {@return the count of bytes written so far}
   *
   * @throws IOException if the file system does not say
   */
  public long position() throws IOException {
    return channel.position();
  }

  /**
   * Makes the file visible under its name and durable.
   *
   * @throws IOException if it cannot be synced or renamed; the name then points at the old content,
   *     or, if only the folder could not be synced, at the new one, whole in either case
   */
  public void commit() throws IOException {
    if (committed) {
      throw new IllegalStateException(target + " was committed before");
    }
    try {
      channel.force(true);
      channel.close();
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      committed = true;
      syncFolder(folderOf(target));
    } catch (IOException e) {
      throw new IOException(target + ": cannot be completed: " + Reason.of(e), e);
    }
  }

  /** A rename or a removal lives in the folder; without this it may be lost with the power. */
  private static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, READ)) {
      channel.force(true);
    }
  }

  /**
   * Removes what processes that were killed left in a folder. Only for who alone writes there.
   *
   * @param folder where they are
   * @param own which names of finished files are the caller's; no other file is touched
   * @throws IOException if the folder cannot be read or a file not be removed
   */
  public static void removeUnfinished(Path folder, Predicate<String> own) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".*.tmp")) {
      for (Path file : files) {
        Matcher name = TEMPORARY.matcher(file.getFileName().toString());
        if (name.matches()
            && own.test(name.group(1))
            && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (unfinished) {
      channel.close();
      if (!committed) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private static Path folderOf(Path target) {
    return target.toAbsolutePath().getParent();
  }
}
