package org.alexnet4j.data.archive;

import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.data.message.DataException;

/** A tree of files put together from parts of others: same contents, other paths. */
public final class VirtualFiles extends ImageFiles {
  private final List<ImageFiles> parts;
  private final ImmutableIntArray part;
  private final ImmutableIntArray entryOfPart;

  private VirtualFiles(Builder builder) {
    super(builder.root, builder.paths.build());
    this.parts = List.copyOf(builder.parts);
    this.part = builder.part.build();
    this.entryOfPart = builder.entryOfPart.build();
  }

  /** Collects the files of a tree. */
  public static final class Builder {
    private final String root;
    private final List<ImageFiles> parts = new ArrayList<>();
    private final PathList.Builder paths = new PathList.Builder();
    private final ImmutableIntArray.Builder part = ImmutableIntArray.builder();
    private final ImmutableIntArray.Builder entryOfPart = ImmutableIntArray.builder();

    /** Begins a tree that messages call by this name. */
    public Builder(String root) {
      this.root = root;
    }

    /** Adds a tree to take files from; it is closed with the new one. */
    public int part(ImageFiles files) {
      parts.add(files);
      return parts.size() - 1;
    }

    /** Gives a file of a part another path. */
    public void file(String path, int of, int entry) throws DataException {
      paths.add(path, false);
      part.add(of);
      entryOfPart.add(entry);
    }

    /** Returns the tree. */
    public VirtualFiles build() {
      return new VirtualFiles(this);
    }
  }

  @Override
  public String display(String path) {
    for (int i = 0; i < count(); i++) {
      if (path(i).equals(path)) {
        ImageFiles files = parts.get(part.get(i));
        return files.display(files.path(entryOfPart.get(i)));
      }
    }
    return root() + "!/" + path;
  }

  @Override
  public byte[] read(int entry) throws IOException {
    return parts.get(part.get(entry)).read(entryOfPart.get(entry));
  }

  @Override
  byte[] head(int entry) throws IOException {
    return parts.get(part.get(entry)).head(entryOfPart.get(entry));
  }

  @Override
  public void close() throws IOException {
    for (ImageFiles files : parts) {
      files.close();
    }
  }
}
