package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Images of a folder or archive, decoded and brought to a square at every read. */
final class ImageFolder implements Dataset {
  private final ImageFiles files;
  private final FolderLayout layout;
  private final List<String> classes;
  private final int source;

  ImageFolder(ImageFiles files, FolderLayout layout, int source) throws IOException {
    this.files = files;
    this.layout = layout;
    this.classes = ClassWords.find(files, layout);
    this.source = source;
    files.retain(layout.entries());
  }

  @Override
  public int size() {
    return layout.entries().length;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int label(int index) {
    return layout.labels()[index];
  }

  @Override
  public String name(int index) {
    return files.entries().get(layout.entries()[index]).path();
  }

  @Override
  public int source() {
    return source;
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    decode(files.read(layout.entries()[index]), files.display(name(index)), source, to);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }

  /** Decodes a file and writes source×source×3 bytes. */
  static void decode(byte[] file, String name, int source, ByteBuffer to) throws DataException {
    ImageDecoder decoder = ImageDecoder.ofThread();
    decoder.decode(file, name);
    SquareResize.ofThread().apply(decoder.rgb(), decoder.width(), decoder.height(), source, to);
  }
}
