package org.alexnet4j.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/**
 * One oneDNN primitive with its arguments, made once per shape.
 *
 * <p>A tensor arrives in the plain layout of {@link Engine}. Where the primitive wants another one,
 * the operation owns a copy in that layout: an input is reordered before, a result after the
 * primitive. Weights are reordered only if they may have changed.
 *
 * <p>Threads: as {@link Engine}.
 */
final class OneDnnOperation implements AutoCloseable {

  /** A tensor in plain layout and, if the primitive's differs, the copy and the way there. */
  private record Tensor(memory plain, memory copy, reorder before, reorder after, boolean weights) {
    boolean direct() {
      return copy == null;
    }
  }

  private final engine host;
  private final String implementation;
  private final List<Pointer> owned = new ArrayList<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final IntMemoryMap arguments = own(new IntMemoryMap());
  private primitive primitive;
  private long weightsVersion = -1;
  private Pointer weightsAddress;

  /**
   * Starts an operation.
   *
   * @throws IllegalStateException if oneDNN has nothing but its reference code, which is thousands
   *     of times slower and would look like a hang
   */
  OneDnnOperation(engine host, String name, primitive_desc description) {
    this.host = host;
    this.implementation = description.impl_info_str().getString();
    own(description);
    if (implementation.startsWith("ref")) {
      throw new IllegalStateException("oneDNN has only reference code for " + name);
    }
  }

  String implementation() {
    return implementation;
  }

  <P extends Pointer> P own(P pointer) {
    owned.add(pointer);
    return pointer;
  }

  void primitive(primitive made) {
    primitive = own(made);
  }

  /** Adds an input whose content changes with every call. */
  OneDnnOperation input(int argument, memory.desc plain, memory.desc wanted) {
    return add(argument, plain, wanted, true, false);
  }

  /** Adds weights, which change only when the engine says so. */
  OneDnnOperation weights(int argument, memory.desc plain, memory.desc wanted) {
    return add(argument, plain, wanted, true, true);
  }

  /** Adds a result. */
  OneDnnOperation output(int argument, memory.desc plain, memory.desc wanted) {
    return add(argument, plain, wanted, false, false);
  }

  private OneDnnOperation add(
      int argument, memory.desc plain, memory.desc wanted, boolean input, boolean weights) {
    own(plain);
    own(wanted);
    memory outside = own(new memory(plain, host, (Pointer) null));
    if (plain.equals(wanted)) {
      tensors.add(new Tensor(outside, null, null, null, weights));
      arguments.put(argument, outside);
      return this;
    }
    memory inside = own(new memory(wanted, host));
    reorder way = own(input ? new reorder(outside, inside) : new reorder(inside, outside));
    tensors.add(new Tensor(outside, inside, input ? way : null, input ? null : way, weights));
    arguments.put(argument, inside);
    return this;
  }

  /**
   * Runs the operation.
   *
   * @param queue where to run, or null not to run
   * @param version of the weights; another number than the last means that they have changed
   * @param addresses of the tensors, in the order in which they were added
   */
  void run(stream queue, long version, Pointer... addresses) {
    if (queue == null) {
      return;
    }
    for (int i = 0; i < addresses.length; i++) {
      Tensor tensor = tensors.get(i);
      tensor.plain.set_data_handle(addresses[i]);
      if (tensor.before != null && !(tensor.weights && fresh(version, addresses[i]))) {
        tensor.before.execute(queue, tensor.plain, tensor.copy);
      }
    }
    primitive.execute(queue, arguments);
    for (Tensor tensor : tensors) {
      if (!tensor.direct() && tensor.after != null) {
        tensor.after.execute(queue, tensor.copy, tensor.plain);
      }
    }
    queue._wait();
  }

  private boolean fresh(long version, Pointer address) {
    boolean same = weightsVersion == version && address.equals(weightsAddress);
    weightsVersion = version;
    weightsAddress = address;
    return same;
  }

  @Override
  public void close() {
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).close();
    }
    owned.clear();
  }
}
