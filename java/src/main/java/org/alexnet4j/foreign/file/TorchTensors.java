package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import org.alexnet4j.foreign.file.Pickle.Dictionary;
import org.alexnet4j.foreign.file.Pickle.Storage;
import org.alexnet4j.foreign.file.Pickle.Tensor;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.Elements;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/** The tensors that a pickle of PyTorch describes, as views of storages. */
final class TorchTensors {
  /** Checkpoints of training keep the weights under this key, beside others. */
  private static final String STATE = "state_dict";

  /** Reads the storage behind a tensor. */
  interface Storages {
    /**
     * Returns all elements of a tensor's storage, as many as it claims, low bytes first.
     *
     * @param name of the tensor, for messages
     */
    ByteBuffer bytes(String name, Tensor tensor) throws IOException;
  }

  private final Path file;
  private final String place;
  private final Storages storages;

  /**
   * Creates a view of a file.
   *
   * @param place what messages call the pickle
   */
  TorchTensors(Path file, String place, Storages storages) {
    this.file = file;
    this.place = place;
    this.storages = storages;
  }

  /**
   * Returns the tensors by name.
   *
   * @param pickled what the pickle describes
   * @throws FormatException if that is no dictionary
   */
  ImmutableMap<String, ForeignTensor> of(Object pickled) throws FormatException {
    Object top = pickled;
    if (top instanceof Dictionary dictionary
        && dictionary.entries().get(STATE) instanceof Dictionary state) {
      top = state;
    }
    if (!(top instanceof Dictionary state)) {
      throw new FormatException(
          file, place, "is no dictionary of tensors; save model.state_dict()");
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
    return tensors.buildOrThrow();
  }

  private float[] floats(String name, Tensor tensor) throws IOException {
    DType type = type(name, tensor.storage());
    ByteBuffer from = storages.bytes(name, tensor).order(ByteOrder.LITTLE_ENDIAN);
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
