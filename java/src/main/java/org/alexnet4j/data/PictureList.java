package org.alexnet4j.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import javax.imageio.ImageIO;
import org.alexnet4j.data.message.DataException;

/**
 * Pictures in memory, of unknown class, for prediction. They take the way of a file, through PNG,
 * so that the same picture gives the same pixels however it arrives.
 */
record PictureList(List<BufferedImage> pictures, int source) implements Dataset {
  PictureList {
    pictures = List.copyOf(pictures);
  }

  @Override
  public int size() {
    return pictures.size();
  }

  @Override
  public List<String> classes() {
    return List.of();
  }

  @Override
  public int label(int index) {
    return -1;
  }

  @Override
  public String name(int index) {
    return "picture " + index;
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    if (!ImageIO.write(pictures.get(index), "png", file)) {
      throw new DataException(
          name(index), "has a colour model that PNG has not", "RGB, RGBA or grey");
    }
    ImageFolder.decode(file.toByteArray(), name(index), source, to);
  }

  @Override
  public void close() {}
}
