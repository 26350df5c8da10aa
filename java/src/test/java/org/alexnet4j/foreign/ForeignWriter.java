package org.alexnet4j.foreign;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Foreign files byte by byte, as their formats' descriptions have them; shares nothing with the
 * code that reads and writes them.
 */
final class ForeignWriter {
  private ForeignWriter() {}

  /** A tensor of a foreign framework. */
  record Array(long[] shape, float[] values) {
    static Array of(float[] values, long... shape) {
      return new Array(shape, values);
    }
  }

  /** A protobuf message. */
  static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message varint(long value) {
      long rest = value;
      while (rest < 0 || rest > 127) {
        out.write((int) (rest & 127 | 128));
        rest >>>= 7;
      }
      out.write((int) rest);
      return this;
    }

    Message number(int field, long value) {
      return varint(field << 3).varint(value);
    }

    Message real(int field, float value) {
      varint(field << 3 | 5);
      out.writeBytes(ForeignWriter.bytes(value));
      return this;
    }

    Message bytes(int field, byte[] value) {
      varint(field << 3 | 2).varint(value.length);
      out.writeBytes(value);
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      return bytes(field, value.toBytes());
    }

    byte[] toBytes() {
      return out.toByteArray();
    }
  }

  static byte[] bytes(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  /** The pickle of an OrderedDict of tensors, as {@code torch.save} writes it in protocol 2. */
  static byte[] pickle(Map<String, Array> tensors) {
    return pickle(tensors, "tQ");
  }

  private static byte[] pickle(Map<String, Array> tensors, String endOfStorage) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x80, 2});
    ascii(out, "ccollections\nOrderedDict\n");
    out.writeBytes(new byte[] {'q', 0, ')', 'R', 'q', 1, '('});
    int key = 0;
    for (Map.Entry<String, Array> entry : tensors.entrySet()) {
      Array array = entry.getValue();
      text(out, entry.getKey());
      ascii(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
      text(out, "storage");
      ascii(out, "ctorch\nFloatStorage\n");
      text(out, String.valueOf(key++));
      text(out, "cpu");
      integer(out, array.values.length);
      ascii(out, endOfStorage);
      integer(out, 0);
      ascii(out, "(");
      for (long extent : array.shape) {
        integer(out, extent);
      }
      ascii(out, "t(");
      for (int axis = 0; axis < array.shape.length; axis++) {
        long stride = 1;
        for (int inner = axis + 1; inner < array.shape.length; inner++) {
          stride *= array.shape[inner];
        }
        integer(out, stride);
      }
      out.writeBytes(new byte[] {'t', (byte) 0x89});
      ascii(out, "ccollections\nOrderedDict\n)RtR");
    }
    ascii(out, "u.");
    return out.toByteArray();
  }

  static void ascii(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void text(ByteArrayOutputStream out, String text) {
    out.write('X');
    number(out, text.length());
    ascii(out, text);
  }

  private static void integer(ByteArrayOutputStream out, long value) {
    out.write('J');
    number(out, (int) value);
  }

  private static void number(ByteArrayOutputStream out, int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  /** Writes what {@code torch.save(model.state_dict())} writes. */
  static Path torch(Path file, Map<String, Array> tensors) throws IOException {
    return torch(file, pickle(tensors), tensors);
  }

  /**
   * What {@code torch.save} wrote before PyTorch 1.6, piece by piece: number, version, machine,
   * tensors, keys, and a piece for each storage.
   */
  static List<byte[]> torchPickles(Map<String, Array> tensors) {
    ByteArrayOutputStream machine = new ByteArrayOutputStream();
    machine.writeBytes(new byte[] {(byte) 0x80, 2, '}', '('});
    text(machine, "protocol_version");
    machine.writeBytes(new byte[] {'M', (byte) 0xe9, 3});
    text(machine, "little_endian");
    machine.write(0x88);
    text(machine, "type_sizes");
    machine.writeBytes(new byte[] {'}', 'u', '.'});
    ByteArrayOutputStream keys = new ByteArrayOutputStream();
    keys.writeBytes(new byte[] {(byte) 0x80, 2, ']', '('});
    List<byte[]> storages = new ArrayList<>();
    for (Array array : tensors.values()) {
      text(keys, String.valueOf(storages.size()));
      ByteBuffer storage = ByteBuffer.allocate(8 + 4 * array.values.length);
      storage.order(ByteOrder.LITTLE_ENDIAN).putLong(array.values.length).put(bytes(array.values));
      storages.add(storage.array());
    }
    ascii(keys, "e.");
    List<byte[]> pieces = new ArrayList<>();
    String number = "\u0080\2\u008a\12\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\31.";
    pieces.add(number.getBytes(StandardCharsets.ISO_8859_1));
    pieces.add(new byte[] {(byte) 0x80, 2, 'M', (byte) 0xe9, 3, '.'});
    pieces.add(machine.toByteArray());
    pieces.add(pickle(tensors, "NtQ"));
    pieces.add(keys.toByteArray());
    pieces.addAll(storages);
    return pieces;
  }

  /** Writes pieces one after the other. */
  static Path write(Path file, List<byte[]> pieces) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    pieces.forEach(out::writeBytes);
    return Files.write(file, out.toByteArray());
  }

  static Path torch(Path file, byte[] pickle, Map<String, Array> tensors) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      store(zip, "archive/data.pkl", pickle);
      store(zip, "archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
      int key = 0;
      for (Array array : tensors.values()) {
        store(zip, "archive/data/" + key++, bytes(array.values));
      }
      store(zip, "archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    }
    return file;
  }

  static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  /** A layer of a Caffe model; {@code old}: V1LayerParameter, with four extents of every blob. */
  static Message caffeLayer(
      boolean old, String name, String type, int code, String from, int field, Message parameters) {
    Message layer = new Message();
    if (old) {
      layer.text(2, from).text(3, name).text(4, name).number(5, code);
    } else {
      layer.text(1, name).text(2, type).text(3, from).text(4, name);
    }
    return parameters == null ? layer : layer.message(field, parameters);
  }

  static Message blob(boolean old, Array array) {
    Message blob = new Message();
    long[] shape = array.shape;
    if (old) {
      for (int axis = 0; axis < 4; axis++) {
        int own = axis - (4 - shape.length);
        blob.number(axis + 1, own < 0 ? 1 : shape[own]);
      }
    } else {
      Message extents = new Message();
      Message packed = new Message();
      for (long extent : shape) {
        packed.varint(extent);
      }
      blob.message(7, extents.bytes(1, packed.toBytes()));
    }
    return blob.bytes(5, bytes(array.values));
  }
}
