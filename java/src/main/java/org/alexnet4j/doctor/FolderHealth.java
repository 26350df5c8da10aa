package org.alexnet4j.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alexnet4j.io.Printable;
import org.alexnet4j.report.Numbers;

/** The folders in which the program keeps things, and the one in which it was started. */
final class FolderHealth {
  private static final long LITTLE_BYTES = 1L << 30;

  private FolderHealth() {}

  /**
   * Facts about one folder.
   *
   * @param name what it is for
   * @param writable whether files can be made in it
   * @param executes whether a program can be started from it: libraries are loaded from the cache
   * @param bytes in it; -1 where they are not counted
   * @param freeBytes left on its disk
   */
  record Facts(
      String name, Path path, boolean writable, boolean executes, long bytes, long freeBytes) {}

  static List<Facts> read() {
    Map<String, String> paths = new LinkedHashMap<>();
    paths.put("cache", System.getProperty("org.bytedeco.javacpp.cachedir"));
    paths.put("temporary", System.getProperty("java.io.tmpdir"));
    paths.put("current", System.getProperty("user.dir"));
    List<Facts> facts = new ArrayList<>();
    paths.forEach(
        (name, path) -> {
          if (path != null) {
            facts.add(read(name, Path.of(path)));
          }
        });
    return facts;
  }

  private static Facts read(String name, Path path) {
    boolean writable = Files.isDirectory(path) && Files.isWritable(path);
    try {
      return new Facts(
          name,
          path,
          writable,
          !name.equals("cache") || (writable && executes(path)),
          name.equals("cache") ? bytes(path) : -1,
          Files.getFileStore(path).getUsableSpace());
    } catch (IOException e) {
      return new Facts(name, path, false, false, -1, 0);
    }
  }

  /** Says whether a script in a folder can be started: not on a disk mounted noexec. */
  static boolean executes(Path folder) throws IOException {
    Path script =
        Files.createTempFile(
            folder,
            "doctor",
            ".sh",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      Files.writeString(script, "#!/bin/sh\n");
      return new ProcessBuilder(script.toString()).start().waitFor() == 0;
    } catch (IOException e) {
      return false; // permission denied
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      Files.delete(script);
    }
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (UncheckedIOException e) {
      return -1; // another program takes files away meanwhile
    }
  }

  static List<Finding> judge(List<Facts> folders) {
    return folders.stream().map(FolderHealth::judge).toList();
  }

  private static Finding judge(Facts facts) {
    String where = facts.name + " folder " + Printable.path(facts.path);
    boolean current = facts.name.equals("current");
    if (!facts.writable) {
      return current
          ? Finding.note("folder", where + " cannot be written", "give --run and --out elsewhere")
          : Finding.problem(
              "folder",
              where + " cannot be written",
              "set XDG_CACHE_HOME and XDG_STATE_HOME to folders that can");
    }
    if (!facts.executes) {
      return Finding.problem(
          "folder",
          where + " is mounted noexec: libraries cannot be loaded from there",
          "set XDG_CACHE_HOME to a folder on another disk, or remount it");
    }
    if (facts.freeBytes < LITTLE_BYTES) {
      return Finding.note(
          "folder",
          where + " has only " + Numbers.mebibytes(facts.freeBytes) + " left on its disk",
          "free some; a checkpoint of the paper's network takes 465 MiB");
    }
    String size = facts.bytes < 0 ? "" : Numbers.mebibytes(facts.bytes) + ", ";
    return Finding.ok("folder", where + ": " + size + Numbers.mebibytes(facts.freeBytes) + " free");
  }
}
