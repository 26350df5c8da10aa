package org.alexnet4j.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The libraries of a jar as files: in {@code natives/HASH} below a folder of this user alone, where
 * HASH is that of their content. What is there under this name is whole, as a folder gets it by a
 * rename; so any number of processes may come at once, and an older version stays what it is.
 *
 * @param cache this user's folder
 * @param folder where the libraries are
 */
record UnpackedLibraries(Path cache, Path folder) {
  private static final int PIECE = 1 << 16;

  /**
   * Unpacks them if no process has done so before.
   *
   * @param files by name
   * @throws IOException if there is no folder for them; one line
   */
  static UnpackedLibraries of(Map<String, URL> files) throws IOException {
    long user = PrivateFolder.user();
    return in(PrivateFolder.candidates(System.getenv(), System.getProperties(), user), user, files);
  }

  /** The same in the first of some folders that will do. */
  static UnpackedLibraries in(List<Path> caches, long user, Map<String, URL> files)
      throws IOException {
    List<String> refused = new ArrayList<>();
    Map<String, Long> sizes = new LinkedHashMap<>();
    String hash = hash(files, sizes);
    for (Path cache : caches) {
      try {
        Path natives = PrivateFolder.make(PrivateFolder.make(cache, user).resolve("natives"), user);
        Path folder = natives.resolve(hash);
        if (!isWhole(folder, sizes)) {
          unpackAlone(natives, folder, files, sizes);
        }
        requireExecutable(folder, sizes);
        return new UnpackedLibraries(cache, folder);
      } catch (IOException e) {
        refused.add(e.getMessage());
      }
    }
    throw new IOException(
        "there is no place to unpack the native libraries: "
            + String.join("; ", refused)
            + "; set XDG_CACHE_HOME, or -D"
            + PrivateFolder.PROPERTY
            + "=FOLDER, to a folder that this user alone can write, on a file system that is not"
            + " mounted noexec");
  }

  /** Returns the hash of names and contents. */
  static String hash(Map<String, URL> files) throws IOException {
    return hash(files, new LinkedHashMap<>());
  }

  private static String hash(Map<String, URL> files, Map<String, Long> sizes) throws IOException {
    MessageDigest digest = sha256();
    byte[] piece = new byte[PIECE];
    for (Map.Entry<String, URL> file : files.entrySet()) {
      long size = 0;
      try (InputStream stream = open(file.getValue())) {
        for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
          digest.update(piece, 0, count);
          size += count;
        }
      }
      sizes.put(file.getKey(), size);
      digest.update((file.getKey() + " " + size + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** Opens a file of a jar, which stays nobody's but this stream's. */
  private static InputStream open(URL file) throws IOException {
    URLConnection connection = file.openConnection();
    connection.setUseCaches(false);
    return connection.getInputStream();
  }

  private static boolean isWhole(Path folder, Map<String, Long> sizes) throws IOException {
    for (Map.Entry<String, Long> file : sizes.entrySet()) {
      Path path = folder.resolve(file.getKey());
      if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
          || Files.size(path) != file.getValue()) {
        return false;
      }
    }
    return true;
  }

  /** Lets one process at a time unpack; without the lock each would, and one would be taken. */
  private static void unpackAlone(
      Path natives, Path folder, Map<String, URL> files, Map<String, Long> sizes)
      throws IOException {
    Path lockFile = natives.resolve(folder.getFileName() + ".lock");
    try (FileChannel channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock(); // until the channel is closed
      if (!isWhole(folder, sizes)) {
        removeLeftovers(natives, folder);
        unpack(natives, folder, files);
      }
    } catch (OverlappingFileLockException e) {
      throw new IOException(
          natives + " is in use by another class loader of this program; load alexnet4j by one", e);
    } catch (IOException e) {
      throw new IOException(natives + " cannot take them: " + PrivateFolder.reason(e), e);
    }
  }

  private static void unpack(Path natives, Path folder, Map<String, URL> files) throws IOException {
    Path fresh = Files.createTempDirectory(natives, folder.getFileName() + ".new.");
    for (Map.Entry<String, URL> file : files.entrySet()) {
      Path path = fresh.resolve(file.getKey());
      try (InputStream from = open(file.getValue())) {
        write(from, path);
      }
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r-x------"));
    }
    Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void write(InputStream from, Path path) throws IOException {
    byte[] piece = new byte[PIECE];
    try (FileChannel to =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
        ByteBuffer bytes = ByteBuffer.wrap(piece, 0, count);
        while (bytes.hasRemaining()) {
          to.write(bytes);
        }
      }
      to.force(true);
    }
  }

  /** Removes what a process left that was killed here, and a folder that has been damaged. */
  private static void removeLeftovers(Path natives, Path folder) throws IOException {
    try (DirectoryStream<Path> old =
        Files.newDirectoryStream(natives, folder.getFileName() + "{,.new.*}")) {
      for (Path left : old) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(left)) {
          for (Path file : files) {
            Files.delete(file);
          }
        }
        Files.delete(left);
      }
    }
  }

  private static void requireExecutable(Path folder, Map<String, Long> sizes) throws IOException {
    for (String name : sizes.keySet()) {
      if (!Files.isExecutable(folder.resolve(name))) {
        throw new IOException(folder + " is on a file system mounted noexec");
      }
    }
  }
}
