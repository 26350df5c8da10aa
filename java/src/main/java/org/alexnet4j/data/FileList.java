package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.data.archive.ImageFiles;

/** Single image files of unknown class, for prediction. */
record FileList(List<Path> files, int source) implements Dataset {
  FileList {
    files = List.copyOf(files);
  }

  @Override
  public int size() {
    return files.size();
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
    return files.get(index).toString();
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    byte[] content = ImageFiles.readFile(files.get(index), name(index));
    ImageFolder.decode(content, name(index), source, to);
  }

  @Override
  public void close() {}
}
