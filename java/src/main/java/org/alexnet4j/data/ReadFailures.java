package org.alexnet4j.data;

import java.io.IOException;
import org.alexnet4j.data.message.DataException;

/** Throws on the caller's thread what a thread that reads images has met. */
final class ReadFailures {
  private ReadFailures() {}

  /**
   * Throws a failure, whatever it was, so that it names the image.
   *
   * @param index image of {@code images} that was being read
   * @throws IOException always, unless it is an error of the virtual machine or of the program
   */
  static void rethrow(Dataset images, int index, Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof InternalError e) { // a mapped file that was cut, or a failing disk
      throw new DataException(
          images.name(index), "its file failed while it was read", "a file that stays as it is", e);
    }
    if (failure instanceof Error e) {
      throw e;
    }
    throw new IllegalStateException(images.name(index) + ": reading failed: " + failure, failure);
  }
}
