package org.alexnet4j.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A tree of files put together from parts of others: same contents, other paths. */
final class VirtualFiles extends ImageFiles {
  private final List<ImageFiles> parts;
  private final int[] part;
  private final int[] entryOfPart;
  private final List<Entry> entries;

  private VirtualFiles(
      String root, List<Entry> entries, List<ImageFiles> parts, int[] part, int[] entryOfPart) {
    super(root, entries);
    this.entries = entries;
    this.parts = parts;
    this.part = part;
    this.entryOfPart = entryOfPart;
  }

  /** Collects the files of a tree. */
  static final class Builder {
    private final String root;
    private final List<ImageFiles> parts = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private final List<int[]> places = new ArrayList<>();

    Builder(String root) {
      this.root = root;
    }

    /** Adds a tree to take files from; it is closed with the new one. */
    int part(ImageFiles files) {
      parts.add(files);
      return parts.size() - 1;
    }

    /** Gives a file of a part another path. */
    void file(String path, int part, int entryOfPart) {
      entries.add(new Entry(path, false));
      places.add(new int[] {part, entryOfPart});
    }

    VirtualFiles build() {
      int[] part = places.stream().mapToInt(place -> place[0]).toArray();
      int[] entryOfPart = places.stream().mapToInt(place -> place[1]).toArray();
      return new VirtualFiles(root, List.copyOf(entries), List.copyOf(parts), part, entryOfPart);
    }
  }

  @Override
  String display(String path) {
    for (int i = 0; i < part.length; i++) {
      if (entries.get(i).path().equals(path)) {
        ImageFiles files = parts.get(part[i]);
        return files.display(files.entries().get(entryOfPart[i]).path());
      }
    }
    return root() + "!/" + path;
  }

  @Override
  byte[] read(int entry) throws IOException {
    return parts.get(part[entry]).read(entryOfPart[entry]);
  }

  @Override
  public void close() throws IOException {
    for (ImageFiles files : parts) {
      files.close();
    }
  }
}
