package org.alexnet4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Writes curves for TensorBoard: a file of TFRecords, each an {@code Event} message in protobuf's
 * encoding.
 *
 * <p>A record is: length (uint64), masked CRC32C of the length, the bytes, masked CRC32C of the
 * bytes; little-endian. A file is never appended to by a second process: each start of a run writes
 * a file of its own, and one that resumes begins with a session mark, after which readers forget
 * what earlier files have at that step and later. One thread writes; a record is in the file when
 * the call returns.
 *
 * @hidden
 */
public final class EventFile implements AutoCloseable {
  /** What the first event of a file says, so that readers know how to read the rest. */
  private static final String VERSION = "brain.Event:2";

  private static final String PREFIX = "events.out.tfevents.";
  private static final int SECOND_DIGITS = 10;

  /** Where others name their host, which is a look-up that may go out into the network. */
  private static final String WRITER = "alexnet4j";

  private static final int MASK = 0xa282ead8;
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int SESSION_START = 1;

  private final FileChannel channel;

  private EventFile(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Begins the next file in a folder.
   *
   * @param folder where event files lie; made if missing
   * @param step the step that comes next; above 0, readers forget what earlier files have from
   *     there on
   * @return the file
   * @throws IOException if it cannot be written
   */
  public static EventFile create(Path folder, long step) throws IOException {
    long second = System.currentTimeMillis() / 1000;
    for (Path earlier : list(folder)) { // readers go by the names, so the new one must come last
      second = Math.max(second, second(earlier) + 1);
    }
    String name = String.format(Locale.ROOT, "%s%010d.%s", PREFIX, second, WRITER);
    FileChannel[] opened = new FileChannel[1];
    Unfinished.makeInTime(
        () ->
            opened[0] =
                FileChannel.open(
                    folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    FileChannel channel = opened[0];
    EventFile file = new EventFile(channel);
    try {
      file.write(event(0).bytes(FILE_VERSION, VERSION.getBytes(StandardCharsets.UTF_8)));
      if (step > 0) {
        file.write(event(step).bytes(SESSION_LOG, new Proto().varint(1, SESSION_START).toBytes()));
      }
      return file;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * {@return the event files of a folder in the order in which they were begun}
   *
   * @param folder where event files lie
   * @throws IOException if the folder cannot be read
   */
  public static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(EventFile::isEventFile)
          .sorted(Comparator.comparing(Path::getFileName))
          .toList();
    }
  }

  private static boolean isEventFile(Path file) {
    String name = file.getFileName().toString();
    int end = PREFIX.length() + SECOND_DIGITS;
    return name.startsWith(PREFIX)
        && name.length() > end
        && name.charAt(end) == '.'
        && name.substring(PREFIX.length(), end).chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static long second(Path file) {
    return Long.parseLong(
        file.getFileName().toString().substring(PREFIX.length(), PREFIX.length() + SECOND_DIGITS));
  }

  /**
   * Writes values of one step.
   *
   * @param step from 0
   * @param values by name, such as {@code train/loss}
   * @throws IOException if the disk is full or fails
   */
  public void write(long step, Map<String, Double> values) throws IOException {
    Proto summary = new Proto();
    values.forEach(
        (tag, value) ->
            summary.bytes(
                1,
                new Proto()
                    .bytes(1, tag.getBytes(StandardCharsets.UTF_8))
                    .float32(2, value.floatValue())
                    .toBytes()));
    write(event(step).bytes(SUMMARY, summary.toBytes()));
  }

  private static Proto event(long step) {
    return new Proto().float64(WALL_TIME, System.currentTimeMillis() / 1e3).varint(STEP, step);
  }

  private void write(Proto event) throws IOException {
    ByteBuffer record = record(event.toBytes());
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  /** Frames a message as a TFRecord. */
  static ByteBuffer record(byte[] message) {
    ByteBuffer record = ByteBuffer.allocate(message.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(message.length);
    record.putInt(maskedCrc(record.array(), 8));
    record.put(message);
    record.putInt(maskedCrc(message, message.length));
    return record.flip();
  }

  /** Masked because a checksum of data that hold checksums says little. */
  private static int maskedCrc(byte[] bytes, int count) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, count);
    int value = (int) crc.getValue();
    return Integer.rotateRight(value, 15) + MASK;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
