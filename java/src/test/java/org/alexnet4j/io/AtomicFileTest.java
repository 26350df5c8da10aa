package org.alexnet4j.io;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void theNewContentAppearsAtCommitAndNotBefore() throws IOException {
    Path file = folder.resolve("deep/er/a.txt");
    AtomicFile.writeText(file, "old");
    try (AtomicFile next = AtomicFile.create(file)) {
      next.write(ByteBuffer.wrap("new".getBytes(StandardCharsets.UTF_8)));
      assertEquals(3, next.position());
      assertEquals("old", Files.readString(file));
      next.commit();
      assertThrows(IllegalStateException.class, next::commit);
    }
    assertEquals("new", Files.readString(file));
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void aFullDiskNamesTheFile() throws IOException {
    Path target = folder.resolve("a.bin");
    FaultyDisk disk = new FaultyDisk(FaultyDisk.Fault.HALF_DONE, 4); // folder, removal, open, write
    try (AtomicFile file = AtomicFile.create(disk.path(target))) {
      IOException e =
          assertThrows(IOException.class, () -> file.write(ByteBuffer.allocate(1 << 20)));
      assertTrue(e.getMessage().startsWith(target + ": writing failed: "), e.getMessage());
    }
    assertTrue(Files.notExists(target));
  }

  /** Whoever may write to the folder could lay a link in the way. */
  @Test
  void aLinkInPlaceOfTheTemporaryNameIsNotFollowed() throws IOException {
    Path other = folder.resolve("other");
    Files.writeString(other, "somebody else's");
    Path target = folder.resolve("a.txt");
    Files.createSymbolicLink(
        folder.resolve(".a.txt." + ProcessHandle.current().pid() + ".tmp"), other);
    AtomicFile.writeText(target, "ours");
    assertEquals("somebody else's", Files.readString(other));
    assertEquals("ours", Files.readString(target));
    assertTrue(Files.isRegularFile(target, NOFOLLOW_LINKS));
  }

  /** The same for the file of rows, which makes its own temporary name. */
  @Test
  void aLinkInPlaceOfTheRowsTemporaryNameIsNotFollowed() throws IOException {
    Path other = Files.writeString(folder.resolve("other"), "somebody else's");
    Files.createSymbolicLink(folder.resolve(".rows.npy.tmp"), other);
    try (NpyRows rows = NpyRows.create(folder.resolve("rows.npy"), 1)) {
      rows.write(0, ByteBuffer.allocate(1));
      rows.commit(1);
    }
    assertEquals("somebody else's", Files.readString(other));
    assertTrue(Files.isRegularFile(folder.resolve("rows.npy"), NOFOLLOW_LINKS));
  }

  @Test
  void whatCannotBeCreatedIsNamedAsItWasAskedFor() throws IOException {
    FileSystemException isFolder =
        assertThrows(FileSystemException.class, () -> AtomicFile.create(folder));
    assertEquals(folder + ": is a folder; allowed: a file's name", isFolder.getMessage());
    Path nowhere = Path.of("/proc/a.txt"); // not even root makes files there
    assumeTrue(Files.isDirectory(nowhere.getParent()), "needs /proc");
    FileSystemException refused =
        assertThrows(FileSystemException.class, () -> AtomicFile.create(nowhere));
    assertEquals(nowhere.toString(), refused.getFile());
  }
}
