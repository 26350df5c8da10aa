package org.alexnet4j.foreign.file;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a pickle of weights may hold. Everything else is refused, and what is here is data: no name
 * in a pickle leads to code.
 */
final class Pickle {
  private Pickle() {}

  /** The functions and classes that a pickle may name; what they would make, the reader makes. */
  enum Known {
    ORDERED_DICT("collections.OrderedDict"),
    REBUILD_TENSOR("torch._utils._rebuild_tensor_v2"),
    REBUILD_TENSOR_OF_2017("torch._utils._rebuild_tensor"),
    REBUILD_PARAMETER("torch._utils._rebuild_parameter"),
    FLOAT_STORAGE("torch.FloatStorage"),
    HALF_STORAGE("torch.HalfStorage"),
    BFLOAT16_STORAGE("torch.BFloat16Storage"),
    DOUBLE_STORAGE("torch.DoubleStorage"),
    LONG_STORAGE("torch.LongStorage");

    private final String path;

    Known(String path) {
      this.path = path;
    }

    static Known of(String path) {
      for (Known known : values()) {
        if (known.path.equals(path)) {
          return known;
        }
      }
      return null;
    }

    boolean isStorage() {
      return ordinal() >= FLOAT_STORAGE.ordinal();
    }

    /** Returns how many bytes an element of a storage has. */
    int bytes() {
      return switch (this) {
        case HALF_STORAGE, BFLOAT16_STORAGE -> Short.BYTES;
        case FLOAT_STORAGE -> Float.BYTES;
        default -> Double.BYTES;
      };
    }

    static String paths() {
      StringBuilder all = new StringBuilder();
      for (Known known : values()) {
        all.append(all.isEmpty() ? "" : ", ").append(known.path);
      }
      return all.toString();
    }

    @Override
    public String toString() {
      return path;
    }
  }

  /** The mark between what stands on the stack and what will be taken together. */
  enum Mark {
    HERE
  }

  /** Python's None, which no Java collection minds. */
  enum None {
    NONE
  }

  /** A tuple: a list that does not grow. */
  record Tuple(List<Object> items) {}

  /** A list. */
  record Items(List<Object> items) {}

  /** A dictionary whose keys are texts; others are passed over, as no tensor has such a name. */
  record Dictionary(Map<String, Object> entries) {}

  /**
   * Elements in the file.
   *
   * @param type of the elements
   * @param key its name
   * @param count elements
   */
  record Storage(Known type, String key, long count) {}

  /**
   * A view of a storage.
   *
   * @param offset first element
   * @param shape extents
   * @param strides elements from one to the next along each axis
   */
  record Tensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

  /** Names of what pickles do, for messages. */
  static final Map<Integer, String> OPCODES = new TreeMap<>();

  static {
    OPCODES.put((int) 'i', "INST");
    OPCODES.put((int) 'o', "OBJ");
    OPCODES.put(0x81, "NEWOBJ");
    OPCODES.put(0x82, "EXT1");
    OPCODES.put(0x83, "EXT2");
    OPCODES.put(0x84, "EXT4");
    OPCODES.put(0x92, "NEWOBJ_EX");
  }
}
