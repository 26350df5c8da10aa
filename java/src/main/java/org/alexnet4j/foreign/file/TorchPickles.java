package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.foreign.file.Pickle.Dictionary;
import org.alexnet4j.foreign.file.Pickle.Items;
import org.alexnet4j.foreign.file.Pickle.Storage;
import org.alexnet4j.foreign.file.Pickle.Tensor;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * What {@code torch.save} wrote before PyTorch 1.6: pickles in a row (a magic number, the
 * protocol's version, what the machine was like, the tensors, the keys of their storages), then
 * each storage, the number of its elements in 64 bits in front.
 */
final class TorchPickles {
  /** LONG1 of 10 bytes, 0x1950a86a20f9469cfc6c, and the end of a pickle. */
  private static final byte[] MAGIC = {
    (byte) 0x8a,
    10,
    0x6c,
    (byte) 0xfc,
    (byte) 0x9c,
    0x46,
    (byte) 0xf9,
    0x20,
    0x6a,
    (byte) 0xa8,
    0x50,
    0x19,
    '.'
  };

  private static final int FRAME = 0x95; // of protocol 4 on: 8 bytes with what comes
  private static final long VERSION = 1001;
  private static final int MOST_PICKLE_BYTES = 16 << 20;

  private final Path file;
  private final long fileBytes;
  private final ByteBuffer in;
  private final Map<String, Storage> storages = new HashMap<>();
  private final Map<String, Long> places = new HashMap<>();

  private TorchPickles(Path file, long fileBytes, byte[] start) {
    this.file = file;
    this.fileBytes = fileBytes;
    this.in = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns whether a file is of PyTorch 1.6 or newer. */
  static boolean isZip(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      byte[] magic = stream.readNBytes(2);
      return magic.length == 2 && magic[0] == 'P' && magic[1] == 'K';
    }
  }

  /**
   * Opens a file and checks everything but the elements.
   *
   * @throws FormatException if it is cut, damaged, or asks for more than data
   */
  static ForeignFile open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        InputStream stream = Files.newInputStream(file)) {
      byte[] start = stream.readNBytes(MOST_PICKLE_BYTES);
      return new TorchPickles(file, channel.size(), start).read(channel);
    }
  }

  private ForeignFile read(FileChannel channel) throws IOException {
    requireMagic();
    requireMachine();
    PickleReader tensors = next();
    Object state = tensors.read();
    for (Storage storage : tensors.storages()) {
      Storage before = storages.put(storage.key(), storage);
      if (before != null && !before.equals(storage)) {
        throw bad(
            "storage " + Printable.name(storage.key()), "is described in two ways; allowed: one");
      }
    }
    place(channel, keys(next().read()));
    return ForeignFile.of(
        file,
        ForeignFile.Format.TORCH,
        new TorchTensors(file, "the pickle", this::bytes).of(state),
        ImmutableMap.of(),
        () -> {});
  }

  private FormatException bad(String place, String what) {
    return new FormatException(file, place, what);
  }

  private PickleReader next() throws FormatException {
    if (in.limit() < fileBytes && !in.hasRemaining()) {
      throw bad("byte " + in.limit(), "there is still no storage; allowed: 16 MiB of pickles");
    }
    return new PickleReader(file, "the pickle", in);
  }

  private void requireMagic() throws FormatException {
    int at = 2;
    boolean framed = in.limit() > at && Byte.toUnsignedInt(in.get(at)) == FRAME;
    at += framed ? 1 + Long.BYTES : 0;
    boolean fits = in.limit() >= at + MAGIC.length && Byte.toUnsignedInt(in.get(0)) == 0x80;
    for (int i = 0; fits && i < MAGIC.length; i++) {
      fits = in.get(at + i) == MAGIC[i];
    }
    if (!fits) {
      throw bad(
          "byte 0",
          "is neither a ZIP archive nor has PyTorch's number in front; allowed: what torch.save"
              + " writes");
    }
    in.position(at + MAGIC.length);
  }

  private void requireMachine() throws FormatException {
    Object version = next().read();
    if (!Long.valueOf(VERSION).equals(version)) {
      throw bad("protocol_version", "is another one; allowed: " + VERSION);
    }
    boolean little =
        next().read() instanceof Dictionary machine
            && Boolean.TRUE.equals(machine.entries().get("little_endian"));
    if (!little) {
      throw bad("little_endian", "is not True; allowed: files of machines with low bytes first");
    }
  }

  private List<String> keys(Object list) throws FormatException {
    if (list instanceof Items keys && keys.items().stream().allMatch(String.class::isInstance)) {
      return keys.items().stream().map(String.class::cast).toList();
    }
    throw bad("the keys", "are no list of texts; the file is damaged");
  }

  /** Holds every storage against the file before one is read. */
  private void place(FileChannel channel, List<String> keys) throws IOException {
    long at = in.position();
    for (String key : keys) {
      String name = "storage " + Printable.name(key);
      Storage storage = storages.get(key);
      if (storage == null || places.containsKey(key)) {
        throw bad(name, storage == null ? "is of no tensor" : "comes twice; allowed: once");
      }
      if (fileBytes - at < Long.BYTES) {
        throw bad(name, "is missing; the file was cut off at byte " + fileBytes);
      }
      long count = read(channel, at, Long.BYTES).getLong();
      at += Long.BYTES;
      if (count != storage.count()) {
        throw bad(name, "has " + count + " elements, its tensors say " + storage.count());
      }
      long bytes = count * storage.type().bytes();
      if (bytes > fileBytes - at || bytes > Integer.MAX_VALUE - Long.BYTES) {
        throw bad(name, "claims " + bytes + " bytes; the file has " + (fileBytes - at) + " more");
      }
      places.put(key, at);
      at += bytes;
    }
    if (at != fileBytes) {
      throw bad("byte " + at, (fileBytes - at) + " bytes are of no storage; the file is damaged");
    }
    for (String key : storages.keySet()) {
      if (!places.containsKey(key)) {
        throw bad("storage " + Printable.name(key), "is missing in the list of keys");
      }
    }
  }

  private ByteBuffer bytes(String name, Tensor tensor) throws IOException {
    Storage storage = tensor.storage();
    int bytes = (int) storage.count() * storage.type().bytes();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(channel, places.get(storage.key()), bytes);
    }
  }

  private ByteBuffer read(FileChannel channel, long at, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw bad("byte " + at, "the file was cut while it was open");
      }
    }
    return buffer.flip();
  }
}
