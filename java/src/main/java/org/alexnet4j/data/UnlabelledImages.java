package org.alexnet4j.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.EncodedImage;

/** Single images of unknown class, for prediction: labels are -1, there are no classes. */
record UnlabelledImages(List<Image> images, int source) implements Dataset {
  /** An image with its name, as the bytes of a file. */
  interface Image {
    /** Returns the name for messages and results. */
    String name();

    /** Returns the bytes of a file of any format that is decoded. */
    byte[] file() throws IOException;
  }

  /** A file. */
  record OfFile(Path path) implements Image {
    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public byte[] file() throws IOException {
      return ImageFiles.readFile(path, name());
    }
  }

  /**
   * A picture in memory. It takes the way of a file, through PNG, so that the same picture gives
   * the same pixels however it arrives.
   */
  record OfPicture(int number, BufferedImage picture) implements Image {
    @Override
    public String name() {
      return "picture " + number;
    }

    @Override
    public byte[] file() throws IOException {
      return EncodedImage.of(picture, "png")
          .orElseThrow(
              () ->
                  new DataException(
                      name(), "has a colour model that PNG has not", "RGB, RGBA or grey"));
    }
  }

  UnlabelledImages {
    images = List.copyOf(images);
  }

  @Override
  public int size() {
    return images.size();
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
    return images.get(index).name();
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    ImageFolder.decode(images.get(index).file(), name(index), source, to);
  }

  @Override
  public void close() {}
}
