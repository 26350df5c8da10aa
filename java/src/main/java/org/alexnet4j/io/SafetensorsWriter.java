package org.alexnet4j.io;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Writes a safetensors file in one pass, tensor by tensor, without holding more than one in memory.
 *
 * <p>All names and shapes are given first, because the header precedes the data; then each tensor's
 * bytes in that order, in one piece or several. The same tensors and metadata give the same bytes.
 * One thread writes.
 *
 * <p>{@link #createChecked} adds a last tensor with a CRC-32C of the header and of each tensor, for
 * {@link Safetensors#verify}; other readers of the format see it as one more tensor.
 *
 * <pre>{@code
 * try (SafetensorsWriter writer = SafetensorsWriter.create(file, infos, Map.of("step", "100"))) {
 *   for (TensorInfo info : infos) {
 *     writer.write(info.name(), bytesOf(info));
 *   }
 *   writer.commit();
 * }
 * }</pre>
 */
public final class SafetensorsWriter implements AutoCloseable {
  private static final int STAGING_BYTES = 1 << 20;

  /** One per thread, not per file: direct memory goes only when the collector comes by. */
  private static final ThreadLocal<ByteBuffer> STAGING =
      ThreadLocal.withInitial(
          () -> ByteBuffer.allocateDirect(STAGING_BYTES).order(ByteOrder.LITTLE_ENDIAN));

  private final AtomicFile file;
  private final Path path;
  private final List<TensorInfo> tensors;
  private final boolean checked;
  private final CRC32C checksum = new CRC32C();
  private final ByteBuffer checksums;
  private int current;
  private long writtenOfCurrent;

  private SafetensorsWriter(AtomicFile file, Path path, List<TensorInfo> tensors, boolean checked) {
    this.file = file;
    this.path = path;
    this.tensors = tensors;
    this.checked = checked;
    this.checksums =
        ByteBuffer.allocate(Long.BYTES * (tensors.size() + 1)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Begins a file and writes its header.
   *
   * @param path the file, replaced if it is there
   * @param tensors names, types and shapes in the order in which the data will come
   * @param metadata free texts for the reader; written in the map's order
   * @return the file; the caller writes every tensor in its order
   * @throws IllegalArgumentException if a name comes twice
   * @throws IOException if the file cannot be created
   */
  public static SafetensorsWriter create(
      Path path, List<TensorInfo> tensors, Map<String, String> metadata) throws IOException {
    return create(path, List.copyOf(tensors), metadata, false);
  }

  /**
   * Begins a file that ends with checksums of all that came before; otherwise as {@link #create}.
   *
   * @param path the file, replaced if it is there
   * @param tensors names, types and shapes in the order in which the data will come
   * @param metadata free texts for the reader
   * @return the file; the caller writes every tensor in its order
   * @throws IllegalArgumentException as in {@link #create}
   * @throws IOException if the file cannot be created
   */
  public static SafetensorsWriter createChecked(
      Path path, List<TensorInfo> tensors, Map<String, String> metadata) throws IOException {
    List<TensorInfo> all = new ArrayList<>(tensors);
    all.add(new TensorInfo(Safetensors.CHECKSUMS, DType.INT64, List.of(tensors.size() + 1L)));
    return create(path, List.copyOf(all), metadata, true);
  }

  private static SafetensorsWriter create(
      Path path, List<TensorInfo> tensors, Map<String, String> metadata, boolean checked)
      throws IOException {
    byte[] header = header(tensors, metadata);
    AtomicFile file = AtomicFile.create(path);
    try {
      SafetensorsWriter writer = new SafetensorsWriter(file, path, tensors, checked);
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      writer.put(length.putLong(header.length).flip());
      writer.put(ByteBuffer.wrap(header));
      writer.endSum();
      writer.skipEmpty();
      return writer;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Writes the next bytes of a tensor, already little-endian.
   *
   * @param name of the tensor
   * @param bytes from the position to the limit
   * @throws IllegalArgumentException if it is not this tensor's turn, or these are too many bytes
   * @throws IOException if the disk is full or fails
   */
  public void write(String name, ByteBuffer bytes) throws IOException {
    advance(name, bytes.remaining());
    put(bytes);
    skipEmpty();
  }

  /**
   * Writes the next elements of a float tensor.
   *
   * @param name of the tensor
   * @param floats from the position to the limit
   * @throws IllegalArgumentException if it is not this tensor's turn, it is not FLOAT32, or these
   *     are too many elements
   * @throws IOException if the disk is full or fails
   */
  public void write(String name, FloatBuffer floats) throws IOException {
    if (current < tensors.size() && tensors.get(current).dtype() != DType.FLOAT32) {
      throw new IllegalArgumentException(tensors.get(current) + " takes no floats");
    }
    advance(name, (long) floats.remaining() * Float.BYTES);
    ByteBuffer staging = STAGING.get();
    FloatBuffer from = floats.duplicate();
    while (from.hasRemaining()) {
      int count = Math.min(from.remaining(), STAGING_BYTES / Float.BYTES);
      staging.clear();
      staging.asFloatBuffer().put(from.slice(from.position(), count));
      staging.limit(count * Float.BYTES);
      put(staging);
      from.position(from.position() + count);
    }
    skipEmpty();
  }

  /**
   * Completes the file: syncs it and gives it its name.
   *
   * @throws IllegalStateException if a tensor's data is missing
   * @throws IOException if the disk is full or fails
   */
  public void commit() throws IOException {
    if (checked && current == tensors.size() - 1) {
      file.write(checksums.flip());
      current++;
    }
    if (current < tensors.size()) {
      throw new IllegalStateException(
          path + ": tensor " + tensors.get(current).name() + " is not complete");
    }
    file.commit();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void put(ByteBuffer bytes) throws IOException {
    checksum.update(bytes.duplicate());
    file.write(bytes);
  }

  /** Ends the sum of the header or of a tensor. */
  private void endSum() {
    if (checksums.hasRemaining()) {
      checksums.putLong(checksum.getValue());
    }
    checksum.reset();
  }

  private void advance(String name, long bytes) {
    if (bytes == 0) {
      return; // a tensor without elements was complete before its turn
    }
    if (current >= tensors.size() || !tensors.get(current).name().equals(name)) {
      String expected = current < tensors.size() ? tensors.get(current).name() : "no tensor";
      throw new IllegalArgumentException("tensor " + name + " came where " + expected + " belongs");
    }
    TensorInfo info = tensors.get(current);
    if (bytes > info.bytes() - writtenOfCurrent) {
      throw new IllegalArgumentException(
          "tensor " + name + " has " + info.bytes() + " bytes, not " + (writtenOfCurrent + bytes));
    }
    writtenOfCurrent += bytes;
  }

  /** Moves on past tensors that are complete, among them those without elements. */
  private void skipEmpty() {
    while (current < tensors.size() && writtenOfCurrent == tensors.get(current).bytes()) {
      current++;
      writtenOfCurrent = 0;
      endSum();
    }
  }

  private static byte[] header(List<TensorInfo> tensors, Map<String, String> metadata)
      throws IOException {
    StringWriter text = new StringWriter();
    Set<String> names = new HashSet<>();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      if (!metadata.isEmpty()) {
        json.name(Safetensors.METADATA_KEY).beginObject();
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.name(entry.getKey()).value(entry.getValue());
        }
        json.endObject();
      }
      long begin = 0;
      for (TensorInfo info : tensors) {
        if (!names.add(info.name())) {
          throw new IllegalArgumentException("tensor " + info.name() + " comes twice");
        }
        writeEntry(json, info, begin);
        begin += info.bytes();
      }
      json.endObject();
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    // Spaces up to a multiple of 8, so that the data is aligned for whoever maps it.
    byte[] padded = Arrays.copyOf(bytes, (bytes.length + 7) / 8 * 8);
    Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void writeEntry(JsonWriter json, TensorInfo info, long begin) throws IOException {
    json.name(info.name()).beginObject();
    json.name("dtype").value(info.dtype().safetensorsName());
    json.name("shape").beginArray();
    for (long extent : info.shape()) {
      json.value(extent);
    }
    json.endArray();
    json.name("data_offsets").beginArray().value(begin).value(begin + info.bytes()).endArray();
    json.endObject();
  }
}
