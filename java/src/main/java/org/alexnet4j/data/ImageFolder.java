package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alexnet4j.data.DataOptions.Resize;
import org.alexnet4j.data.DataOptions.Split;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.folder.ClassWords;
import org.alexnet4j.data.folder.FolderLayout;
import org.alexnet4j.data.image.ImageDecoder;
import org.alexnet4j.data.image.ImageHeader;
import org.alexnet4j.data.image.OddFiles;
import org.alexnet4j.data.image.SquareResize;
import org.alexnet4j.data.image.WholeResize;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/**
 * Images of a folder or archive, decoded and brought to a square when they are read.
 *
 * <p>The cache holds the middle square of an image, scaled down if it is larger than {@code
 * source}; a smaller one is kept as it is and enlarged at every read, which is cheap and needs a
 * fraction of the memory.
 */
final class ImageFolder implements Dataset {
  private final ImageFiles files;
  private final FolderLayout layout;
  private final List<String> classes;
  private final int source;
  private final Resize resize;
  private final PixelCache cache;
  private final BitSet decoded = new BitSet(); // guarded by itself, as the following
  private final BitSet enlarged = new BitSet();
  private final Map<String, BitSet> odd = new TreeMap<>();

  ImageFolder(ImageFiles files, DataOptions options) throws IOException {
    this.files = files;
    this.layout =
        FolderLayout.find(files, options.split() == Split.HELD_OUT, options.heldOutShare());
    this.classes = ClassWords.find(files, layout);
    this.source = options.source();
    this.resize = options.resize();
    this.cache = new PixelCache(size(), options.cacheBytes());
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
    return files.path(layout.entries()[index]);
  }

  @Override
  public int source() {
    return source;
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    byte[] kept = cache.get(index);
    if (kept != null) {
      enlarge(kept, to);
      return;
    }
    ImageDecoder decoder = ImageDecoder.ofThread();
    decoder.decode(files.read(layout.entries()[index]), files.display(name(index)));
    int square = Math.min(source, Math.min(decoder.width(), decoder.height()));
    remember(index, decoder.header(), square < source);
    if (resize != Resize.CENTRE_SQUARE) {
      whole(index, decoder, to);
      return;
    }
    if (!cache.reserve(3 * square * square)) {
      scale(decoder, source, to);
      return;
    }
    kept = new byte[3 * square * square];
    scale(decoder, square, ByteBuffer.wrap(kept));
    cache.put(index, kept);
    enlarge(kept, to);
  }

  private void whole(int index, ImageDecoder decoder, ByteBuffer to) {
    byte[] pixels = new byte[imageBytes()];
    ByteBuffer square = ByteBuffer.wrap(pixels);
    if (resize == Resize.WARP) {
      WholeResize.warp(decoder.rgb(), decoder.width(), decoder.height(), source, square);
    } else {
      WholeResize.shorterSide(decoder.rgb(), decoder.width(), decoder.height(), source, square);
    }
    if (cache.reserve(pixels.length)) {
      cache.put(index, pixels);
    }
    to.put(pixels);
  }

  private void remember(int index, ImageHeader header, boolean smaller) {
    synchronized (decoded) {
      if (decoded.get(index)) {
        return;
      }
      decoded.set(index);
      enlarged.set(index, smaller);
      for (String reason : OddFiles.reasons(header, name(index), false)) {
        odd.computeIfAbsent(reason, key -> new BitSet()).set(index);
      }
    }
  }

  @Override
  public List<FileNote> notes() {
    List<FileNote> notes = new ArrayList<>(layout.notes());
    synchronized (decoded) {
      if (!enlarged.isEmpty()) {
        notes.add(note(OddFiles.enlarged(decoded.cardinality(), source), enlarged));
      }
      odd.forEach((reason, images) -> notes.add(note(OddFiles.odd(reason), images)));
    }
    return notes;
  }

  private FileNote note(String what, BitSet images) {
    List<String> first = images.stream().limit(FileNote.SHOWN).mapToObj(this::name).toList();
    return new FileNote(what, images.cardinality(), first);
  }

  private void enlarge(byte[] square, ByteBuffer to) {
    if (square.length == imageBytes()) {
      to.put(square);
      return;
    }
    int side = (int) Math.round(Math.sqrt(square.length / 3.0));
    SquareResize.ofThread().apply(square, side, side, source, to);
  }

  private static void scale(ImageDecoder decoder, int side, ByteBuffer to) {
    SquareResize.ofThread().apply(decoder.rgb(), decoder.width(), decoder.height(), side, to);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }

  /** Decodes a file and writes source×source×3 bytes. */
  static void decode(byte[] file, String name, int source, ByteBuffer to) throws DataException {
    ImageDecoder decoder = ImageDecoder.ofThread();
    decoder.decode(file, name);
    scale(decoder, source, to);
  }
}
