package org.alexnet4j.data.archive;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.alexnet4j.data.message.DataException;

/**
 * Paths of files and folders in little memory. Of each path only the bytes are kept in which it
 * differs from the one before it; every 16th is whole, so that one can be read without all before
 * it. For several threads.
 */
public final class PathList {
  private static final int BLOCK = 16;
  private static final int DIGIT_BITS = 7;
  private static final int MORE = 1 << DIGIT_BITS;

  private final List<byte[]> blocks;
  private final BitSet folders;
  private final int size;
  private final int longest;

  private PathList(Builder builder) {
    this.blocks = builder.blocks;
    this.folders = builder.folders;
    this.size = builder.size;
    this.longest = builder.longest;
  }

  /** Collects the paths, in one thread. */
  public static final class Builder {
    private final List<byte[]> blocks = new ArrayList<>();
    private final BitSet folders = new BitSet();
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private byte[] previous = {};
    private int longest;
    private int size;

    /**
     * Appends a path.
     *
     * @throws DataException if it has half of a surrogate pair, which no bytes stand for
     */
    public void add(String path, boolean folder) throws DataException {
      byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
      if (!new String(bytes, StandardCharsets.UTF_8).equals(path)) {
        throw new DataException(path, "a name that is no text in Unicode", "other names");
      }
      int shared = 0;
      if (size % BLOCK != 0) {
        int mismatch = Arrays.mismatch(previous, bytes);
        shared = mismatch < 0 ? bytes.length : mismatch;
      } else {
        endBlock();
      }
      number(shared);
      number(bytes.length - shared);
      block.write(bytes, shared, bytes.length - shared);
      folders.set(size, folder);
      longest = Math.max(longest, bytes.length);
      previous = bytes;
      size++;
    }

    /** Writes a number by seven bits to a byte, the lowest first. */
    private void number(int value) {
      int rest = value;
      while (rest >= MORE) {
        block.write(rest % MORE | MORE);
        rest >>= DIGIT_BITS;
      }
      block.write(rest);
    }

    private void endBlock() {
      if (block.size() > 0) {
        blocks.add(block.toByteArray());
        block.reset();
      }
    }

    /** Returns how many paths there are so far. */
    int size() {
      return size;
    }

    /** Returns the list; nothing can be added after that. */
    public PathList build() {
      endBlock();
      return new PathList(this);
    }
  }

  /** Reads the numbers of a block. */
  private static final class Cursor {
    private final byte[] block;
    private int at;

    Cursor(byte[] block) {
      this.block = block;
    }

    int number() {
      int value = 0;
      int shift = 0;
      while (block[at] < 0) {
        value |= (block[at++] & (MORE - 1)) << shift;
        shift += DIGIT_BITS;
      }
      return value | block[at++] << shift;
    }
  }

  /** Returns how many paths there are. */
  int size() {
    return size;
  }

  /** Returns the list of some of the paths, in the same order. */
  PathList only(BitSet kept) throws DataException {
    if (kept.cardinality() == size) {
      return this;
    }
    Builder builder = new Builder();
    for (int i = kept.nextSetBit(0); i >= 0; i = kept.nextSetBit(i + 1)) {
      builder.add(get(i), isFolder(i));
    }
    return builder.build();
  }

  /** Says whether a path is that of a folder. */
  boolean isFolder(int index) {
    return folders.get(index);
  }

  /** Returns a path. */
  String get(int index) {
    Cursor cursor = new Cursor(blocks.get(index / BLOCK));
    byte[] path = new byte[longest];
    int length = 0;
    for (int i = 0; i <= index % BLOCK; i++) {
      int shared = cursor.number();
      int own = cursor.number();
      System.arraycopy(cursor.block, cursor.at, path, shared, own);
      cursor.at += own;
      length = shared + own;
    }
    return new String(path, 0, length, StandardCharsets.UTF_8);
  }
}
