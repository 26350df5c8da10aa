package org.alexnet4j.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A folder that somebody named for what is to be written.
 *
 * @hidden
 */
public final class OutputFolder {
  private OutputFolder() {}

  /**
   * Says that a folder cannot be made, or not be written to: why, and what would do.
   *
   * @hidden
   */
  public static final class UnwritableException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    UnwritableException(Path named, String why) {
      super(named.toString(), null, why + "; allowed: a folder that can be written to");
    }
  }

  /**
   * Refuses an output that is the input, or in it, or around it, also by way of links: what is
   * written would be read as input the next time, or lie among it.
   *
   * @param output file or folder that is to be written; it need not be there
   * @param input file or folder that is read
   * @throws UnwritableException if they are not apart
   */
  public static void requireApart(Path output, Path input) throws UnwritableException {
    Path to = real(output);
    Path from = real(input);
    String where =
        to.equals(from)
            ? "it is the input itself"
            : to.startsWith(from)
                ? "it lies inside of the input " + input
                : from.startsWith(to) ? "the input " + input + " lies inside of it" : null;
    if (where != null) {
      throw new UnwritableException(output, where);
    }
  }

  /**
   * {@return a path without links, as far as it is there}
   *
   * @param path any path
   */
  public static Path real(Path path) {
    Path there = path.toAbsolutePath().normalize();
    Path rest = Path.of("");
    while (there != null) {
      try {
        return there.toRealPath().resolve(rest).normalize();
      } catch (IOException e) { // not there yet, or not to be looked into: its folder then
        rest = there.getFileName() == null ? rest : there.getFileName().resolve(rest);
        there = there.getParent();
      }
    }
    return path.toAbsolutePath().normalize();
  }

  /**
   * {@return the folder that has to be made first, absolute, or null if all are there}
   *
   * @param folder a folder that is wanted
   */
  public static Path outermostMissing(Path folder) {
    Path missing = null;
    Path at = folder.toAbsolutePath();
    while (at != null && !Files.exists(at)) {
      missing = at;
      at = at.getParent();
    }
    return missing;
  }

  /**
   * Makes a folder with those around it, if it is missing.
   *
   * @param folder the folder to make: {@code named} itself, or one in it
   * @param named what a message is to name
   * @throws UnwritableException if it cannot be made or not be written to
   */
  public static void create(Path folder, Path named) throws UnwritableException {
    if (Files.exists(named) && !Files.isDirectory(named)) {
      throw new UnwritableException(named, "a file is in the way");
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      UnwritableException unwritable = new UnwritableException(named, reason(e));
      unwritable.initCause(e);
      throw unwritable;
    }
    if (!Files.isWritable(folder)) {
      throw new UnwritableException(named, "permission denied");
    }
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) { // what /proc says of a new name
      return "no folder can be made there";
    }
    return Reason.of(e);
  }
}
