package org.alexnet4j.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Says why a call of the file system failed. The exceptions of {@code java.nio.file} often have
 * nothing but the path as their message, with the reason in their class.
 *
 * @hidden
 */
public final class Reason {
  private Reason() {}

  /**
   * {@return why, without the file: {@code permission denied}}
   *
   * @param failure of reading or writing
   */
  public static String of(IOException failure) {
    if (failure instanceof FileSystemException system) {
      return system.getReason() != null ? system.getReason() : byClass(system);
    }
    return failure.getMessage() != null ? failure.getMessage() : failure.toString();
  }

  /**
   * {@return file and reason: {@code /data/x: permission denied}}
   *
   * @param failure of reading or writing
   */
  public static String withFile(IOException failure) {
    return failure instanceof FileSystemException system && system.getFile() != null
        ? system.getFile() + ": " + of(failure)
        : of(failure);
  }

  private static String byClass(FileSystemException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "is in the way";
    }
    if (failure instanceof NotDirectoryException) {
      return "is no folder";
    }
    if (failure instanceof FileSystemLoopException) {
      return "links lead in a circle";
    }
    return failure.getClass().getSimpleName();
  }
}
