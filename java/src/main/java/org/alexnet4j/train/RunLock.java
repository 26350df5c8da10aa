package org.alexnet4j.train;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.RegularFile;
import org.alexnet4j.io.Unfinished;
import org.alexnet4j.run.RunFolder;

/**
 * Keeps two writers out of one run folder.
 *
 * <p>The system's lock on the file {@code lock} decides: it ends with its process, however that
 * ends, so a dead writer never blocks a living one. The file names the holder for people. It stays
 * behind empty, because removing it would let a third process lock a file that a second one no
 * longer sees.
 */
final class RunLock implements AutoCloseable {
  /** The system's lock is per process; this keeps two runs of one process apart. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final int OWNER_BYTES = 64;

  private final RunFolder folder;
  private final Path key;
  private final FileChannel channel;
  private final String before; // who held it and has ended, or ""
  private final Unfinished unfinished; // the name of a process that has ended

  private RunLock(RunFolder folder, Path key, FileChannel channel, String before) {
    this.folder = folder;
    this.key = key;
    this.channel = channel;
    this.before = before;
    this.unfinished = Unfinished.add(() -> channel.truncate(0));
  }

  /**
   * Takes the lock of a folder that exists.
   *
   * @throws IllegalArgumentException if somebody else writes there; the text names the process
   * @throws IOException if the lock's file cannot be written
   */
  static RunLock acquire(RunFolder folder) throws IOException {
    Path key = folder.path().toRealPath();
    if (!HELD.add(key)) {
      throw occupied(folder, "this process");
    }
    try {
      FileChannel channel = RegularFile.open(folder.lock(), CREATE, READ, WRITE);
      try {
        FileLock lock = channel.tryLock();
        String owner = owner(channel);
        if (lock == null || !Files.exists(folder.lock())) { // taken back between the two calls
          throw occupied(folder, owner.isEmpty() ? "another process" : owner);
        }
        String self = "process " + ProcessHandle.current().pid();
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.UTF_8)), 0);
        return new RunLock(folder, key, channel, owner);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      HELD.remove(key);
      throw e;
    }
  }

  private static IllegalArgumentException occupied(RunFolder folder, String owner) {
    return new IllegalArgumentException(
        "run folder " + folder.path() + " is being written by " + owner);
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(OWNER_BYTES);
    channel.read(bytes, 0);
    String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
    return text.isEmpty() || text.matches("process \\d{1,10}")
        ? text
        : "a process without a number";
  }

  /** Says whose lock this was, if that process ended without giving it back. */
  Optional<String> takenOver() {
    return before.isEmpty()
        ? Optional.empty()
        : Optional.of("took over the lock of " + before + ", which has ended");
  }

  /** Removes what writers that were killed left in the folder. */
  void removeUnfinished() throws IOException {
    AtomicFile.removeUnfinished(folder.path(), RunFolder::isOwn);
    AtomicFile.removeUnfinished(folder.list().getParent(), RunFolder::isOwn);
  }

  @Override
  public void close() throws IOException {
    try (channel;
        unfinished) {
      channel.truncate(0);
    } finally {
      HELD.remove(key);
    }
  }
}
