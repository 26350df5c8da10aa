package org.alexnet4j.bindings;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedLibrariesTest {
  private static final int LARGE = 4 << 20; // some writes long, so that processes meet

  @TempDir private Path scratch;
  private final byte[] content = new byte[LARGE];
  private Path cache;
  private long user;

  @BeforeEach
  void prepare() throws IOException {
    new Random(1).nextBytes(content);
    cache = scratch.resolve("cache");
    user = PrivateFolder.user();
  }

  private Path jar(String name, byte[] first) throws IOException {
    Path jar = scratch.resolve(name);
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file, StandardCharsets.UTF_8)) {
      for (String entry : List.of("one.so", "two.so")) {
        ZipEntry header = new ZipEntry(entry);
        header.setTime(0); // as in reproducible jars
        zip.putNextEntry(header);
        zip.write(entry.equals("one.so") ? first : new byte[] {2});
        zip.closeEntry();
      }
    }
    return jar;
  }

  private static Map<String, URL> files(Path jar) throws IOException {
    Map<String, URL> files = new LinkedHashMap<>();
    for (String name : List.of("one.so", "two.so")) {
      files.put(name, URI.create("jar:" + jar.toUri() + "!/" + name).toURL());
    }
    return files;
  }

  private UnpackedLibraries unpack(Path jar) throws IOException {
    return UnpackedLibraries.in(List.of(cache), user, files(jar));
  }

  private List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void filesAreWholeAndTheirOwnersAlone() throws IOException {
    UnpackedLibraries unpacked = unpack(jar("a.jar", content));
    assertArrayEquals(content, Files.readAllBytes(unpacked.folder().resolve("one.so")));
    assertArrayEquals(new byte[] {2}, Files.readAllBytes(unpacked.folder().resolve("two.so")));
    assertEquals("r-x------", mode(unpacked.folder().resolve("one.so")));
    for (Path at = unpacked.folder(); !at.equals(scratch); at = at.getParent()) {
      assertEquals("rwx------", mode(at), at.toString());
    }
  }

  @Test
  void otherContentOfTheSameNameSizeAndDateIsAnotherFolder() throws IOException {
    byte[] other = content.clone();
    other[LARGE / 2]++;
    Path first = unpack(jar("a.jar", content)).folder();
    Path second = unpack(jar("a.jar", other)).folder();
    assertNotEquals(first, second);
    assertArrayEquals(content, Files.readAllBytes(first.resolve("one.so")));
    assertArrayEquals(other, Files.readAllBytes(second.resolve("one.so")));
  }

  @Test
  void whatIsThereIsTakenAsItIs() throws IOException {
    Path jar = jar("a.jar", content);
    Path file = unpack(jar).folder().resolve("one.so");
    Object before = Files.getAttribute(file, "unix:ino");
    assertEquals(file, unpack(jar).folder().resolve("one.so"));
    assertEquals(before, Files.getAttribute(file, "unix:ino"));
  }

  @Test
  void whatIsCutIsMadeAnew() throws IOException {
    Path jar = jar("a.jar", content);
    Path file = unpack(jar).folder().resolve("one.so");
    Files.delete(file);
    Files.write(file, new byte[] {1});
    unpack(jar);
    assertArrayEquals(content, Files.readAllBytes(file));
  }

  @Test
  void whatAKilledProcessLeftGoesAway() throws IOException {
    Path jar = jar("a.jar", content);
    Path folder = unpack(jar).folder();
    String hash = folder.getFileName().toString();
    Path natives = folder.getParent();
    Files.move(folder, natives.resolve(hash + ".new.1"));
    unpack(jar);
    assertEquals(List.of(hash, hash + ".lock"), names(natives));
  }

  @Test
  void theNextFolderIsTakenWhereOneWillNotDo() throws IOException {
    Path open = Files.createDirectory(scratch.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    UnpackedLibraries unpacked =
        UnpackedLibraries.in(List.of(open, cache), user, files(jar("a.jar", content)));
    assertEquals(cache, unpacked.cache());
    assertEquals(List.of(), names(open));
  }

  @Test
  void aFolderBelowThatIsOthersIsRefused() throws IOException {
    Path natives = Files.createDirectories(cache.resolve("natives"));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwx------"));
    Files.setPosixFilePermissions(natives, PosixFilePermissions.fromString("rwxrwxrwx"));
    IOException said = assertThrows(IOException.class, () -> unpack(jar("a.jar", content)));
    assertTrue(said.getMessage().contains("can be written by others"), said.getMessage());
  }

  @Test
  void whereNoFolderWillDoEachIsSaidInOneLine() throws IOException {
    Path file = Files.createFile(scratch.resolve("file"));
    List<Path> caches = List.of(Path.of("/proc/alexnet4j"), file);
    Path jar = jar("a.jar", content);
    IOException said =
        assertThrows(IOException.class, () -> UnpackedLibraries.in(caches, user, files(jar)));
    assertEquals(
        "there is no place to unpack the native libraries: /proc/alexnet4j cannot be made: no such"
            + " file or directory; "
            + file
            + " is no folder; set XDG_CACHE_HOME, or -Dalexnet.natives=FOLDER, to a folder that"
            + " this user alone can write, on a file system that is not mounted noexec",
        said.getMessage());
  }

  /** Only root can mount one; elsewhere the trials of the library see to it. */
  @Test
  void aFileSystemMountedNoexecIsRefused() throws Exception {
    Path mounted = Files.createDirectory(scratch.resolve("mounted"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "noexec,mode=700", "none", mounted.toString()) == 0,
        "nothing can be mounted here");
    try {
      Path jar = jar("a.jar", content);
      IOException said =
          assertThrows(
              IOException.class, () -> UnpackedLibraries.in(List.of(mounted), user, files(jar)));
      assertTrue(said.getMessage().contains(" is on a file system mounted noexec;"));
      assertEquals(cache, UnpackedLibraries.in(List.of(mounted, cache), user, files(jar)).cache());
    } finally {
      run("umount", mounted.toString());
    }
  }

  private static int run(String... command) throws Exception {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) { // no such program
      return -1;
    }
  }

  /** Is what the processes below run. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
      System.in.read(); // all begin at once
      Path cache = Path.of(arguments[0]);
      UnpackedLibraries unpacked =
          UnpackedLibraries.in(List.of(cache), PrivateFolder.user(), files(Path.of(arguments[1])));
      byte[] first = Files.readAllBytes(unpacked.folder().resolve("one.so"));
      System.out.print(unpacked.folder().getFileName() + " " + first.length);
    }
  }

  @Test
  void eightProcessesMayComeAtOnce() throws Exception {
    Path jar = jar("a.jar", content);
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xshare:auto",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Main.class.getName(),
                  cache.toString(),
                  jar.toString())
              .redirectError(new File(scratch.toFile(), "errors" + i))
              .start());
    }
    for (Process process : processes) {
      process.getOutputStream().close();
    }
    String hash = UnpackedLibraries.hash(files(jar));
    for (int i = 0; i < 8; i++) {
      Process process = processes.get(i);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals("", Files.readString(scratch.resolve("errors" + i)));
      assertEquals(
          hash + " " + LARGE,
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }
    assertEquals(List.of(hash, hash + ".lock"), names(cache.resolve("natives")));
  }
}
