package org.alexnet4j.bindings;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** Folders in which nobody but this user, and root, can put a file. */
final class PrivateFolder {
  /** The system property that names the folder. */
  static final String PROPERTY = "alexnet.natives";

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private PrivateFolder() {}

  /**
   * Returns where libraries may be unpacked, in the order in which that is tried: what the property
   * names and nothing else, or the user's cache, and a folder below the temporary one.
   */
  static List<Path> candidates(Map<String, String> environment, Properties properties, long user) {
    String asked = properties.getProperty(PROPERTY, "");
    if (!asked.isEmpty()) {
      return List.of(Path.of(asked).toAbsolutePath());
    }
    List<Path> folders = new ArrayList<>();
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    String home = properties.getProperty("user.home", "");
    if (cache.startsWith("/")) {
      folders.add(Path.of(cache, "alexnet4j"));
    } else if (home.startsWith("/")) {
      folders.add(Path.of(home, ".cache", "alexnet4j"));
    }
    folders.add(
        Path.of(properties.getProperty("java.io.tmpdir"), "alexnet4j-" + user).toAbsolutePath());
    return folders;
  }

  /**
   * Makes a folder if there is none, and sees to it that it is this user's.
   *
   * @throws IOException if it cannot be made, or others may write there; one line
   */
  static Path make(Path folder, long user) throws IOException {
    try {
      if (!Files.isDirectory(folder)) { // a user's link to one is fine
        Files.createDirectories(folder, OWNER_ALONE);
      }
    } catch (FileAlreadyExistsException e) {
      throw new IOException(folder + " is no folder", e);
    } catch (IOException e) {
      throw new IOException(folder + " cannot be made: " + reason(e), e);
    }
    if (owner(folder, LinkOption.NOFOLLOW_LINKS) != user || owner(folder) != user) {
      throw new IOException(folder + " belongs to another user");
    }
    Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(folder);
    if (allowed.contains(PosixFilePermission.GROUP_WRITE)
        || allowed.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          folder + " can be written by others (" + PosixFilePermissions.toString(allowed) + ")");
    }
    if (!Files.isWritable(folder)) {
      throw new IOException(folder + " cannot be written");
    }
    return folder;
  }

  /** Returns the number of this process's user, as files have it. */
  static long user() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("Uid:")) {
        return Long.parseLong(line.split("\\s+")[2]); // the effective one
      }
    }
    throw new IOException("/proc/self/status names no user; mount /proc");
  }

  static long owner(Path file, LinkOption... options) throws IOException {
    return ((Number) Files.getAttribute(file, "unix:uid", options)).longValue();
  }

  /** Returns the system's words, which for some exceptions are the file's name alone. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    return e instanceof FileSystemException file && file.getReason() != null
        ? file.getReason()
        : String.valueOf(e.getMessage());
  }
}
