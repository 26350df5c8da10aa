package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.net.LayerNames;
import org.alexnet4j.plan.TensorSpec;

/** An archive that {@code numpy.load} reads, names as torchvision's; texts are JSON in bytes. */
final class NpzExport {
  private static final String TEXTS = "alexnet4j.metadata";

  /** The first moment that ZIP can state, so that the same network gives the same bytes. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private NpzExport() {}

  static void write(ExportedNetwork network, Path to) throws IOException {
    ImmutableMap<String, Float> kept = DropoutFactor.of(network.network());
    ImmutableMap<String, String> names = LayerNames.rows(network.network());
    try (AtomicFile file = AtomicFile.create(to)) {
      ZipOutputStream zip = new ZipOutputStream(new FileStream(file), StandardCharsets.UTF_8);
      byte[] texts = JsonLines.toJson(network.texts()).getBytes(StandardCharsets.UTF_8);
      put(zip, TEXTS, NpyWriter.bytes(DType.UINT8, ByteBuffer.wrap(texts), texts.length));
      put(zip, FileTexts.MEAN, array(network.mean(), network.meanShape()));
      for (TensorSpec tensor : network.tensors()) {
        float[] values = network.scaledValues(tensor, kept);
        put(zip, TensorNames.ofRows(names, tensor), array(values, tensor.shape()));
      }
      zip.finish();
      file.commit();
    }
  }

  private static byte[] array(float[] values, List<Long> shape) {
    ByteBuffer bytes = LittleEndian.bytes(values);
    return NpyWriter.bytes(
        DType.FLOAT32, bytes, shape.stream().mapToLong(Long::longValue).toArray());
  }

  private static void put(ZipOutputStream zip, String name, byte[] array) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(array);
    ZipEntry entry = new ZipEntry(name + ".npy");
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(array.length);
    entry.setCrc(sum.getValue());
    entry.setTimeLocal(TIME);
    zip.putNextEntry(entry);
    zip.write(array);
    zip.closeEntry();
  }

  /** A stream into a file that appears when it is whole. */
  static final class FileStream extends OutputStream {
    private final AtomicFile file;

    FileStream(AtomicFile file) {
      this.file = file;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      file.write(ByteBuffer.wrap(bytes, from, count));
    }
  }
}
