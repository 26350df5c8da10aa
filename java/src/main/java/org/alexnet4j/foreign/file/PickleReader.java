package org.alexnet4j.foreign.file;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alexnet4j.foreign.file.Pickle.Dictionary;
import org.alexnet4j.foreign.file.Pickle.Items;
import org.alexnet4j.foreign.file.Pickle.Known;
import org.alexnet4j.foreign.file.Pickle.Mark;
import org.alexnet4j.foreign.file.Pickle.None;
import org.alexnet4j.foreign.file.Pickle.Storage;
import org.alexnet4j.foreign.file.Pickle.Tensor;
import org.alexnet4j.foreign.file.Pickle.Tuple;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * Reads the pickle of a {@code state_dict}, protocols 2 to 5, as data. A pickle is a program for a
 * machine with a stack; this one knows the operations that dictionaries of tensors need and the
 * names of {@link Known}, and refuses the file at the first other one. It never calls itself, so
 * that no nesting fills Java's stack; stack and memo are bounded.
 */
final class PickleReader {
  private static final int MOST_OBJECTS = 1_000_000;
  private static final int MOST_TEXT_BYTES = 1 << 20;

  private final Path file;
  private final String place;
  private final ByteBuffer in;
  private final List<Storage> storages = new ArrayList<>();
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private int at; // of the operation under way
  private int copied; // entries of lists

  /**
   * Creates a reader of one pickle.
   *
   * @param place what messages call it
   * @param in where it begins; afterwards, what comes behind it
   */
  PickleReader(Path file, String place, ByteBuffer in) {
    this.file = file;
    this.place = place;
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Returns what a pickle describes that fills all bytes.
   *
   * @throws FormatException if it is cut, damaged, or asks for more than data
   */
  static Object read(Path file, byte[] bytes) throws FormatException {
    PickleReader reader = new PickleReader(file, "data.pkl", ByteBuffer.wrap(bytes));
    Object result = reader.read();
    if (reader.in.hasRemaining()) {
      throw reader.bad("the pickle ends before its file does; the file is damaged");
    }
    return result;
  }

  /** Returns the storages that the pickle named, as often as it did. */
  List<Storage> storages() {
    return storages;
  }

  /**
   * Returns what the pickle describes.
   *
   * @throws FormatException if it is cut, damaged, or asks for more than data
   */
  Object read() throws FormatException {
    try {
      return run();
    } catch (BufferUnderflowException e) {
      throw bad("the pickle ends inside of an operation; it was cut off");
    } catch (ClassCastException e) {
      throw bad("an operation finds an operand of another kind; the file is damaged");
    }
  }

  private FormatException bad(String what) {
    return new FormatException(file, place + ", byte " + at, what);
  }

  private Object run() throws FormatException {
    while (true) {
      at = in.position();
      int operation = Byte.toUnsignedInt(in.get());
      if (operation == '.') {
        Object result = pop();
        if (!stack.isEmpty()) {
          throw bad("the pickle ends with objects that it has no use for; the file is damaged");
        }
        return result;
      }
      step(operation);
      if (stack.size() > MOST_OBJECTS || memo.size() > MOST_OBJECTS) {
        throw bad("has over " + MOST_OBJECTS + " objects, which no network has");
      }
    }
  }

  private void step(int operation) throws FormatException {
    switch (operation) {
      case 0x80 -> requireProtocol(in.get());
      case 0x95 -> in.getLong(); // a frame only says how much comes
      case '(' -> push(Mark.HERE);
      case '}' -> push(new Dictionary(new LinkedHashMap<>()));
      case ']' -> push(new Items(new ArrayList<>()));
      case ')' -> push(new Tuple(List.of()));
      case 't' -> push(new Tuple(toMark()));
      case 0x85 -> push(new Tuple(last(1)));
      case 0x86 -> push(new Tuple(last(2)));
      case 0x87 -> push(new Tuple(last(3)));
      case 'N' -> push(None.NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> push((long) Byte.toUnsignedInt(in.get()));
      case 'M' -> push((long) Short.toUnsignedInt(in.getShort()));
      case 'J' -> push((long) in.getInt());
      case 0x8a -> push(wide());
      case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
      case 'X' -> push(text(Integer.toUnsignedLong(in.getInt())));
      case 'U' -> push(text(Byte.toUnsignedInt(in.get()))); // texts of Python 2
      case 'T' -> push(text(Integer.toUnsignedLong(in.getInt())));
      case 0x8c -> push(text(Byte.toUnsignedInt(in.get())));
      case 'q' -> memo.put((long) Byte.toUnsignedInt(in.get()), top());
      case 'r' -> memo.put(Integer.toUnsignedLong(in.getInt()), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> push(remembered(Byte.toUnsignedInt(in.get())));
      case 'j' -> push(remembered(Integer.toUnsignedLong(in.getInt())));
      case 'c' -> push(known(line() + "." + line()));
      case 0x93 -> {
        String name = (String) pop();
        push(known((String) pop() + "." + name));
      }
      case 'Q' -> push(storage((Tuple) pop()));
      case 'R' -> reduce();
      case 's', 'u' -> setItems(operation == 's' ? last(2) : toMark());
      case 'a', 'e' -> {
        List<Object> added = operation == 'a' ? last(1) : toMark();
        ((Items) top()).items().addAll(added);
      }
      case 'b' -> pop(); // the state of an OrderedDict is versions of modules
      default ->
          throw bad(
              String.format(
                  Locale.ROOT,
                  "asks for operation 0x%02x%s, which data do not need; nothing was executed",
                  operation,
                  Pickle.OPCODES.containsKey(operation)
                      ? " (" + Pickle.OPCODES.get(operation) + ")"
                      : ""));
    }
  }

  private void requireProtocol(byte protocol) throws FormatException {
    if (protocol < 2 || protocol > 5) {
      throw bad("is of protocol " + protocol + "; allowed: 2 to 5");
    }
  }

  private void push(Object value) {
    stack.push(value);
  }

  private Object pop() throws FormatException {
    if (stack.isEmpty() || stack.peek() == Mark.HERE) {
      throw bad("an operation finds no operand; the file is damaged");
    }
    return stack.pop();
  }

  private Object top() throws FormatException {
    Object value = pop();
    stack.push(value);
    return value;
  }

  private List<Object> last(int count) throws FormatException {
    List<Object> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(pop());
    }
    Collections.reverse(items);
    return items;
  }

  private List<Object> toMark() throws FormatException {
    List<Object> items = new ArrayList<>();
    while (!stack.isEmpty() && stack.peek() != Mark.HERE) {
      items.add(stack.pop());
    }
    if (stack.isEmpty()) {
      throw bad("an operation finds no mark; the file is damaged");
    }
    stack.pop();
    Collections.reverse(items);
    return items;
  }

  private Object remembered(long index) throws FormatException {
    Object value = memo.get(index);
    if (value == null) {
      throw bad("object " + index + " was never kept; the file is damaged");
    }
    return value;
  }

  private String text(long bytes) throws FormatException {
    if (bytes > MOST_TEXT_BYTES || bytes > in.remaining()) {
      throw bad("a text claims " + bytes + " bytes; there are " + in.remaining());
    }
    byte[] text = new byte[(int) bytes];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private String line() throws FormatException {
    StringBuilder line = new StringBuilder();
    for (byte next = in.get(); next != '\n'; next = in.get()) {
      if (line.length() == 1000) {
        throw bad("a name is longer than 1000 bytes");
      }
      line.append((char) Byte.toUnsignedInt(next));
    }
    return line.toString();
  }

  private Long wide() throws FormatException {
    int bytes = Byte.toUnsignedInt(in.get());
    if (bytes > Long.BYTES) {
      throw bad("a number of " + bytes + " bytes; allowed: 8");
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      byte next = in.get();
      value |= (i == bytes - 1 ? (long) next : Byte.toUnsignedLong(next)) << (8 * i);
    }
    return value;
  }

  private Known known(String path) throws FormatException {
    Known known = Known.of(path);
    if (known == null) {
      throw bad(
          "names "
              + Printable.name(path)
              + ", which is not on the list ("
              + Known.paths()
              + "); nothing was executed; save model.state_dict() alone");
    }
    return known;
  }

  private Storage storage(Tuple id) throws FormatException {
    List<Object> items = id.items();
    boolean fits =
        (items.size() == 5 || items.size() == 6 && items.get(5) == None.NONE)
            && "storage".equals(items.get(0))
            && items.get(1) instanceof Known type
            && type.isStorage()
            && items.get(2) instanceof String
            && items.get(4) instanceof Long;
    if (!fits) {
      throw bad("a storage is described in another way than ('storage', type, key, place, count)");
    }
    requireUpTo((Long) items.get(4), "the elements of a storage");
    Storage storage = new Storage((Known) items.get(1), (String) items.get(2), (Long) items.get(4));
    storages.add(storage);
    return storage;
  }

  private void reduce() throws FormatException {
    List<Object> arguments = ((Tuple) pop()).items();
    Known known = (Known) pop();
    switch (known) {
      case ORDERED_DICT -> {
        push(new Dictionary(new LinkedHashMap<>()));
        setItems(entries(arguments));
      }
      case REBUILD_TENSOR, REBUILD_TENSOR_OF_2017 -> push(tensor(arguments));
      case REBUILD_PARAMETER -> {
        if (arguments.isEmpty() || !(arguments.get(0) instanceof Tensor)) {
          throw bad("a parameter holds no tensor");
        }
        push(arguments.get(0));
      }
      default -> throw bad("calls " + known + ", which is a type of elements");
    }
  }

  /** Python 2 gives an OrderedDict a list of pairs; since then entries are set one by one. */
  private List<Object> entries(List<Object> arguments) throws FormatException {
    List<Object> entries = new ArrayList<>();
    if (!arguments.isEmpty()) {
      List<Object> pairs = ((Items) arguments.get(0)).items();
      copied += pairs.size(); // a list that was kept may be asked for again and again
      if (copied > MOST_OBJECTS) {
        throw bad("has over " + MOST_OBJECTS + " objects, which no network has");
      }
      for (Object pair : pairs) {
        List<Object> both = pair instanceof Tuple tuple ? tuple.items() : ((Items) pair).items();
        if (both.size() != 2) {
          throw bad("an OrderedDict begins with other than pairs; the file is damaged");
        }
        entries.addAll(both);
      }
    }
    return entries;
  }

  private Tensor tensor(List<Object> arguments) throws FormatException {
    if (arguments.size() < 4 || !(arguments.get(0) instanceof Storage storage)) {
      throw bad("a tensor is described in another way than (storage, offset, size, stride, ...)");
    }
    List<Long> shape = numbers((Tuple) arguments.get(2));
    List<Long> strides = numbers((Tuple) arguments.get(3));
    long offset = (Long) arguments.get(1);
    requireUpTo(offset, "the offset of a tensor");
    long count = ForeignTensor.count(shape);
    if (shape.size() != strides.size() || count < 0) {
      throw bad("a tensor has the size " + shape + " and the stride " + strides);
    }
    long last = offset;
    for (int i = 0; i < shape.size() && count > 0; i++) {
      long stride = strides.get(i);
      if (stride < 0 || stride > ForeignTensor.MOST) {
        throw bad("a tensor has the stride " + strides + "; allowed: 0 or more");
      }
      last += (shape.get(i) - 1) * stride;
    }
    if (count > 0 && last >= storage.count()) {
      throw bad(
          String.format(
              Locale.ROOT,
              "a tensor of size %s, stride %s, offset %d leaves its storage of %d elements",
              shape,
              strides,
              offset,
              storage.count()));
    }
    if (count > storage.count()) { // one element for many would let a small file fill memory
      throw bad("a tensor of " + count + " elements in a storage of " + storage.count());
    }
    return new Tensor(storage, offset, shape, strides);
  }

  /** Before anything is computed with a number, so that no product and no sum overflows. */
  private void requireUpTo(long number, String of) throws FormatException {
    if (number < 0 || number > ForeignTensor.MOST) {
      throw bad(of + " would be " + number + "; allowed: 0 to " + ForeignTensor.MOST);
    }
  }

  private List<Long> numbers(Tuple tuple) throws FormatException {
    if (tuple.items().size() > 8) { // before a list that was kept is gone through once more
      throw bad("a tensor has " + tuple.items().size() + " axes; allowed: 8");
    }
    return tuple.items().stream().map(Long.class::cast).toList();
  }

  private void setItems(List<Object> items) throws FormatException {
    if (items.size() % 2 != 0) {
      throw bad("a key of a dictionary has no value; the file is damaged");
    }
    Dictionary dictionary = (Dictionary) top();
    for (int i = 0; i < items.size(); i += 2) {
      if (items.get(i) instanceof String key
          && dictionary.entries().put(key, items.get(i + 1)) != null) {
        throw bad("the key " + Printable.name(key) + " comes twice; allowed: once");
      }
    }
  }
}
