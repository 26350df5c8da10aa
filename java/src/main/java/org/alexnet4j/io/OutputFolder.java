package org.alexnet4j.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A folder that somebody named for what is to be written. */
public final class OutputFolder {
  private OutputFolder() {}

  /** Says that a folder cannot be made, or not be written to: why, and what would do. */
  public static final class UnwritableException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    UnwritableException(Path named, String why) {
      super(named.toString(), null, why + "; allowed: a folder that can be written to");
    }
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
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) { // what /proc says of a new name
      return "no folder can be made there";
    }
    return e instanceof FileSystemException system && system.getReason() != null
        ? system.getReason()
        : e.toString();
  }
}
