package org.alexnet4j.data.packed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.alexnet4j.data.message.DataException;

/**
 * The names of a part's images: the lines of files.tsv, read only when one is asked for, outside of
 * the Java heap.
 *
 * @param text the whole file
 * @param starts where each line begins, and the last one ends
 */
public record PackedNames(ByteBuffer text, int[] starts) {

  /**
   * Reads the file.
   *
   * @throws DataException if it has fewer lines than images
   */
  public static PackedNames read(Path file, int images) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new DataException(file.toString(), channel.size() + " bytes", "at most 2^31 - 1");
      }
      ByteBuffer text = ByteBuffer.allocateDirect((int) channel.size());
      while (text.hasRemaining() && channel.read(text) >= 0) {}
      text.flip();
      int[] starts = new int[images + 1];
      int line = 0;
      for (int i = 0; i < text.limit() && line < images; i++) {
        if (text.get(i) == '\n') {
          starts[++line] = i + 1;
        }
      }
      if (line < images) {
        throw new DataException(file.toString(), line + " lines", images + " lines");
      }
      return new PackedNames(text, starts);
    }
  }

  /** Returns the name of an image in the source. */
  public String name(int index) {
    byte[] line = new byte[starts[index + 1] - starts[index]];
    text.get(starts[index], line);
    String whole = new String(line, StandardCharsets.UTF_8);
    return TsvText.unescape(whole.substring(0, Math.max(0, whole.indexOf('\t'))));
  }
}
