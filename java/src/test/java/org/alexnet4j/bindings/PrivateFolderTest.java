package org.alexnet4j.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFolderTest {
  @TempDir private Path scratch;
  private long user;

  @BeforeEach
  void findUser() throws IOException {
    user = PrivateFolder.user();
  }

  private static Properties properties(String... pairs) {
    Properties properties = new Properties();
    for (int i = 0; i < pairs.length; i += 2) {
      properties.setProperty(pairs[i], pairs[i + 1]);
    }
    return properties;
  }

  private static List<Path> candidates(String cache, String... pairs) {
    return PrivateFolder.candidates(
        cache == null ? Map.of() : Map.of("XDG_CACHE_HOME", cache), properties(pairs), 7);
  }

  @Test
  void theUserIsTheOwnerOfWhatTheProcessMakes() throws IOException {
    assertEquals(PrivateFolder.owner(Files.createFile(scratch.resolve("mine"))), user);
  }

  @Test
  void theCacheComesBeforeTheTemporaryFolder() {
    String[] usual = {"user.home", "/home/ada", "java.io.tmpdir", "/tmp"};
    Path temporary = Path.of("/tmp/alexnet4j-7");
    assertEquals(
        List.of(Path.of("/home/ada/.cache/alexnet4j"), temporary), candidates(null, usual));
    assertEquals(List.of(Path.of("/c/alexnet4j"), temporary), candidates("/c", usual));
    assertEquals( // as XDG has it: no absolute path, no meaning
        List.of(Path.of("/home/ada/.cache/alexnet4j"), temporary), candidates("c", usual));
    assertEquals(List.of(temporary), candidates(null, "user.home", "?", "java.io.tmpdir", "/tmp"));
  }

  @Test
  void whatIsAskedForIsTheOnlyCandidate() {
    assertEquals(
        List.of(Path.of("/mine")),
        candidates("/c", "alexnet.natives", "/mine", "java.io.tmpdir", "/tmp"));
  }

  @Test
  void aNewFolderIsItsOwnersAlone() throws IOException {
    Path folder = PrivateFolder.make(scratch.resolve("a/b"), user);
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
  }

  @Test
  void aUsersLinkToAFolderWillDo() throws IOException {
    Path folder = Files.createDirectory(scratch.resolve("folder"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path link = Files.createSymbolicLink(scratch.resolve("link"), folder);
    assertEquals(link, PrivateFolder.make(link, user));
  }

  private static void refused(String text, Path folder, long user) {
    String said =
        assertThrows(IOException.class, () -> PrivateFolder.make(folder, user)).getMessage();
    assertEquals(folder + text, said);
  }

  @Test
  void othersFoldersAreRefused() throws IOException {
    Path folder = Files.createDirectory(scratch.resolve("folder"));
    refused(" belongs to another user", folder, user + 1);
    for (String mode : List.of("rwxrwx---", "rwx---rwx")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
      refused(" can be written by others (" + mode + ")", folder, user);
    }
  }

  @Test
  void whatIsNoFolderIsRefused() throws IOException {
    Path file = Files.createFile(scratch.resolve("file"));
    refused(" is no folder", file, user);
    refused(" cannot be made: Not a directory", file.resolve("below"), user);
    refused(" cannot be made: no such file or directory", Path.of("/proc/alexnet4j"), user);
  }
}
