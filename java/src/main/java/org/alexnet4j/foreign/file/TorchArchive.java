package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alexnet4j.foreign.file.Pickle.Dictionary;
import org.alexnet4j.foreign.file.Pickle.Storage;
import org.alexnet4j.foreign.file.Pickle.Tensor;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.Elements;
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

  /** Checkpoints of training keep the weights under this key, beside others. */
  private static final String STATE = "state_dict";

  private final Path file;
  private final ZipMembers zip;
  private final String root;

  private TorchArchive(Path file, ZipMembers zip, String root) {
    this.file = file;
    this.zip = zip;
    this.root = root;
  }

  static ForeignFile open(Path file) throws IOException {
    requireZip(file);
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

  /** Names the form of older files, which is a row of pickles. */
  private static void requireZip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] magic = in.readNBytes(2);
      if (magic.length == 2 && magic[0] == 'P' && magic[1] == 'K') {
        return;
      }
      boolean pickle = magic.length == 2 && magic[0] == (byte) 0x80;
      throw new FormatException(
          file,
          "byte 0",
          pickle
              ? "is PyTorch's form before 1.6; save it anew: torch.save(torch.load(FILE), FILE)"
              : "is no ZIP archive; allowed: what torch.save writes since PyTorch 1.6");
    }
  }

  private ForeignFile read(String pickle) throws IOException {
    requireByteOrder();
    Object top = PickleReader.read(file, zip.read(pickle, MOST_PICKLE_BYTES));
    if (top instanceof Dictionary dictionary
        && dictionary.entries().get(STATE) instanceof Dictionary state) {
      top = state;
    }
    if (!(top instanceof Dictionary state)) {
      throw new FormatException(
          file, "data.pkl", "is no dictionary of tensors; save model.state_dict()");
    }
    ImmutableMap.Builder<String, ForeignTensor> tensors = ImmutableMap.builder();
    for (Map.Entry<String, Object> entry : state.entries().entrySet()) {
      if (entry.getValue() instanceof Tensor tensor) {
        String name = entry.getKey();
        tensors.put(
            name,
            new ForeignTensor(
                name,
                ImmutableList.copyOf(tensor.shape()),
                tensor.storage().type().toString(),
                () -> floats(name, tensor)));
      }
    }
    return ForeignFile.of(
        file, ForeignFile.Format.TORCH, tensors.buildOrThrow(), ImmutableMap.of(), zip);
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

  private float[] floats(String name, Tensor tensor) throws IOException {
    Storage storage = tensor.storage();
    DType type = type(name, storage);
    String member = root + "/data/" + storage.key();
    byte[] bytes = zip.read(member, ForeignTensor.MOST * Float.BYTES - 1);
    if (bytes.length < storage.count() * type.bytes()) {
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
              + storage.count() * type.bytes());
    }
    ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[(int) ForeignTensor.count(tensor.shape())];
    long[] index = new long[tensor.shape().size()];
    long element = tensor.offset();
    for (int i = 0; i < values.length; i++) {
      try {
        values[i] = Elements.toFloat(type, from, (int) element * type.bytes());
      } catch (Elements.NoEqualException e) {
        throw new FormatException(file, "tensor " + Printable.name(name), e.getMessage());
      }
      for (int axis = index.length - 1; axis >= 0; axis--) { // the last axis runs fastest
        element += tensor.strides().get(axis);
        if (++index[axis] < tensor.shape().get(axis)) {
          break;
        }
        element -= tensor.strides().get(axis) * tensor.shape().get(axis);
        index[axis] = 0;
      }
    }
    return values;
  }

  private DType type(String name, Storage storage) throws FormatException {
    return switch (storage.type()) {
      case FLOAT_STORAGE -> DType.FLOAT32;
      case HALF_STORAGE -> DType.FLOAT16;
      case BFLOAT16_STORAGE -> DType.BFLOAT16;
      default ->
          throw new FormatException(
              file,
              "tensor " + Printable.name(name),
              "is "
                  + storage.type()
                  + "; allowed: floats of 32 or 16 bits, which need no rounding");
    };
  }
}
