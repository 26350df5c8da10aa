package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/**
 * A fixed list of labelled square images, read by index.
 *
 * <p>Image i is the same bytes at every read. All methods may be called by several threads at once.
 */
public interface Dataset extends AutoCloseable {

  /** {@return the number of images} */
  int size();

  /** {@return the names of the classes; a label is an index into this list} */
  List<String> classes();

  /**
   * {@return the class of an image, or -1 if it is not known}
   *
   * @param index image in [0, size)
   */
  int label(int index);

  /**
   * {@return the name of an image as a reader would look for it: its path inside the data set}
   *
   * @param index image in [0, size)
   */
  String name(int index);

  /** {@return the side of every image in pixels} */
  int source();

  /**
   * Writes the pixels of an image, uint8 RGB [source,source,3], at the position of {@code to} and
   * moves that position behind them.
   *
   * @param index image in [0, size)
   * @param to has room for the pixels of one image
   * @throws DataException if the image cannot be decoded; the message names its file
   * @throws IOException if its file cannot be read
   */
  void read(int index, ByteBuffer to) throws IOException;

  /**
   * {@return the images left out as damaged, one line each; empty unless the data were opened to
   * skip them}
   */
  default List<String> skipped() {
    return List.of();
  }

  /**
   * {@return what a person should know about the files: what was left out, converted or enlarged}
   * Of images that are decoded when they are read, those read so far count.
   */
  default List<FileNote> notes() {
    return List.of();
  }

  /**
   * {@return mean and colours of the training images where they are known; empty where they would
   * have to be computed by decoding the images}
   *
   * @throws IOException if they cannot be read
   */
  default Optional<Statistics> statistics() throws IOException {
    return Optional.empty();
  }

  /** {@return the bytes of one image} */
  default int imageBytes() {
    return source() * source() * 3;
  }

  @Override
  void close() throws IOException;
}
