package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.foreign.file.Pickle.Storage;
import org.alexnet4j.foreign.file.Pickle.Tensor;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * What {@code torch.save} writes since PyTorch 1.6: a ZIP archive of stored members, {@code
 * data.pkl} with a pickle of the tensors, {@code data/KEY} with the elements of each storage.
 */
final class TorchArchive {
  private static final String PICKLE = "/data.pkl";
  private static final String BYTE_ORDER = "/byteorder";
  private static final int MOST_PICKLE_BYTES = 16 << 20;

  private final Path file;
  private final ZipMembers zip;
  private final String root;

  private TorchArchive(Path file, ZipMembers zip, String root) {
    this.file = file;
    this.zip = zip;
    this.root = root;
  }

  static ForeignFile open(Path file) throws IOException {
    ZipMembers zip = ZipMembers.open(file, false);
    try {
      List<String> pickles = zip.names().stream().filter(n -> n.endsWith(PICKLE)).toList();
      if (pickles.size() != 1) {
        throw new FormatException(
            file, "ZIP directory", "has " + pickles.size() + " members data.pkl; allowed: one");
      }
      String name = pickles.get(0);
      String root = name.substring(0, name.length() - PICKLE.length());
      return new TorchArchive(file, zip, root).read(name);
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private ForeignFile read(String pickle) throws IOException {
    requireByteOrder();
    Object top = PickleReader.read(file, zip.read(pickle, MOST_PICKLE_BYTES));
    return ForeignFile.of(
        file,
        ForeignFile.Format.TORCH,
        new TorchTensors(file, "data.pkl", this::bytes).of(top),
        ImmutableMap.of(),
        zip);
  }

  private void requireByteOrder() throws IOException {
    if (zip.names().contains(root + BYTE_ORDER)) {
      String order = new String(zip.read(root + BYTE_ORDER, 16), StandardCharsets.US_ASCII);
      if (!order.equals("little")) {
        throw new FormatException(
            file, "byteorder", "is " + Printable.name(order) + "; allowed: little");
      }
    }
  }

  private ByteBuffer bytes(String name, Tensor tensor) throws IOException {
    Storage storage = tensor.storage();
    String member = root + "/data/" + storage.key();
    byte[] bytes = zip.read(member, ForeignTensor.MOST * Float.BYTES - 1);
    long needed = storage.count() * storage.type().bytes();
    if (bytes.length < needed) {
      throw new FormatException(
          file,
          "member " + Printable.name(member),
          "has "
              + bytes.length
              + " bytes, "
              + storage.count()
              + " elements of "
              + Printable.name(name)
              + " need "
              + needed);
    }
    return ByteBuffer.wrap(bytes);
  }
}
