package org.alexnet4j.io;

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
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "needs /dev/full");
    // The temporary name is a link to the device that is always full.
    Path target = folder.resolve("a.bin");
    Files.createSymbolicLink(
        folder.resolve(".a.bin." + ProcessHandle.current().pid() + ".tmp"), full);
    try (AtomicFile file = AtomicFile.create(target)) {
      IOException e =
          assertThrows(IOException.class, () -> file.write(ByteBuffer.allocate(1 << 20)));
      assertTrue(e.getMessage().startsWith(target + ": writing failed: "), e.getMessage());
    }
    assertTrue(Files.notExists(target));
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
