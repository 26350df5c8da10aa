package org.alexnet4j.data.packed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Npy;
import org.alexnet4j.io.Reason;

/**
 * The files of a prepared folder: each is there, and an array is the one that its passport
 * describes, to the byte; otherwise the folder is not used. Pixels read from another place of a
 * file look like an image.
 */
public final class PackedArray {
  /** What a person can do about a file that is not as prepare wrote it. */
  public static final String REMEDY =
      "what alexnet prepare wrote; ./alexnet data verify tells which files are not, ./alexnet prepare"
          + " into an empty folder makes them anew";

  private PackedArray() {}

  /**
   * Opens an array.
   *
   * @throws DataException if it is not there, cut, longer, of another type, shape or order
   */
  public static Npy open(Path file, DType type, long... shape) throws IOException {
    requireFile(file);
    try {
      Npy npy = Npy.open(file);
      try {
        npy.require(type, shape);
        return npy;
      } catch (FormatException e) {
        npy.close();
        throw e;
      }
    } catch (FormatException e) {
      throw new DataException(file.toString(), e.reason(), REMEDY, e);
    } catch (IOException e) {
      throw new DataException(file.toString(), "cannot be read: " + Reason.of(e), REMEDY, e);
    }
  }

  /** Returns where the pixels of a file of images begin, in bytes. */
  public static long pixelStart(Path file, int images, int side) throws IOException {
    try (Npy npy = open(file, DType.UINT8, images, side, side, 3)) {
      return npy.dataStart();
    }
  }

  /**
   * Checks that a file is there.
   *
   * @throws DataException if it is not, or is a folder, a pipe or a device
   */
  public static void requireFile(Path file) throws DataException {
    if (!Files.isRegularFile(file)) {
      String reason =
          Files.isDirectory(file)
              ? "is a folder"
              : Files.exists(file) ? "is a pipe, socket or device" : "no such file";
      throw new DataException(file.toString(), reason, REMEDY);
    }
  }
}
