package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What people read when the system refuses a file: the file and a reason, never a class's name. */
class ReasonTest {
  @TempDir Path folder;

  private static void assertReason(String wanted, Executable call) {
    assertEquals(wanted, Reason.withFile(assertThrows(IOException.class, call)));
  }

  @Test
  void aFileThatIsNotThere() {
    Path missing = folder.resolve("missing");
    assertReason(missing + ": no such file or folder", () -> Files.readString(missing));
  }

  @Test
  void aFileWhereAFolderShouldBe() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertReason(file + ": is no folder", () -> Files.list(file).close());
    assertReason(file + ": is in the way", () -> Files.createDirectory(file));
    Path below = file.resolve("x");
    assertReason(below + ": Not a directory", () -> Files.readString(below));
  }

  @Test
  void aFolderWhereAFileShouldBe() {
    // The stream is opened, and its first read fails: the exception knows no file.
    assertReason("Is a directory", () -> Files.readString(folder));
  }

  @Test
  void linksInACircle() throws IOException {
    Path link = folder.resolve("a");
    Files.createSymbolicLink(link, folder.resolve("b"));
    Files.createSymbolicLink(folder.resolve("b"), link);
    IOException refused = assertThrows(IOException.class, () -> Files.readString(link));
    assertEquals(link.toString(), ((FileSystemException) refused).getFile());
    assertEquals("Too many levels of symbolic links", Reason.of(refused).replaceAll(" or .*", ""));
    assertEquals("links lead in a circle", Reason.of(new FileSystemLoopException("a")));
  }

  @Test
  void aFullDisk() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "this system has no /dev/full");
    try (OutputStream out = Files.newOutputStream(full)) {
      assertReason("No space left on device", () -> out.write(1));
    }
  }

  @Test
  void exceptionsWithoutAText() {
    assertEquals("x: permission denied", Reason.withFile(new AccessDeniedException("x")));
    assertEquals("x: is no folder", Reason.withFile(new NotDirectoryException("x")));
  }

  @Test
  void aReasonThatTheSystemGaveWins() {
    assertEquals(
        "x: Read-only file system",
        Reason.withFile(new FileSystemException("x", null, "Read-only file system")));
    assertEquals("java.io.IOException", Reason.of(new IOException()));
  }
}
