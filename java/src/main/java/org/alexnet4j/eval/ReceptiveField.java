package org.alexnet4j.eval;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerVisitor;

/**
 * Which pixels of the input a unit of a layer can see, along each axis: those from {@code start +
 * index · jump} on, {@code size} of them; pixels outside of the image are zeros.
 *
 * @param start first pixel of the unit with index 0, below 0 where it sees padding
 * @param jump pixels from one unit to the next
 * @param size pixels that a unit sees
 */
record ReceptiveField(int start, int jump, int size) {
  /** A pixel sees itself. */
  static final ReceptiveField INPUT = new ReceptiveField(0, 1, 1);

  /**
   * Returns the fields of all layers in their order; those behind the first layer that sees
   * everything are left out.
   */
  static Map<String, ReceptiveField> of(Iterable<LayerSpec> layers) {
    Map<String, ReceptiveField> fields = new LinkedHashMap<>();
    ReceptiveField field = INPUT;
    for (LayerSpec layer : layers) {
      field = layer.accept(new Step(field));
      if (field == null) {
        return fields;
      }
      fields.put(layer.name(), field);
    }
    return fields;
  }

  private ReceptiveField window(int size, int stride, int pad) {
    return new ReceptiveField(start - pad * jump, jump * stride, this.size + (size - 1) * jump);
  }

  /** Returns the first pixel inside of the image that a unit sees. */
  int first(int index) {
    return Math.max(0, start + index * jump);
  }

  /**
   * Returns the pixel behind the last one inside of the image that a unit sees.
   *
   * @param side of the image
   */
  int end(int index, int side) {
    return Math.min(side, start + index * jump + size);
  }

  /** From the field of what a layer reads to its own; null if a unit of it sees everything. */
  private record Step(ReceptiveField before) implements LayerVisitor<ReceptiveField> {
    @Override
    public ReceptiveField conv(LayerSpec.Conv conv) {
      return before.window(conv.kernel(), conv.stride(), conv.pad());
    }

    @Override
    public ReceptiveField local(LayerSpec.Local local) {
      return before.window(local.kernel(), local.stride(), local.pad());
    }

    @Override
    public ReceptiveField pool(LayerSpec.Pool pool) {
      return before.window(pool.size(), pool.stride(), 0);
    }

    @Override
    public ReceptiveField lrn(LayerSpec.Lrn lrn) {
      return lrn.over() == LayerSpec.Lrn.Over.PIXELS
          ? before.window(lrn.size(), 1, lrn.size() / 2)
          : before;
    }

    @Override
    public ReceptiveField fc(LayerSpec.Fc layer) {
      return null;
    }

    @Override
    public ReceptiveField relu(LayerSpec.Relu layer) {
      return before;
    }

    @Override
    public ReceptiveField tanh(LayerSpec.Tanh layer) {
      return before;
    }

    @Override
    public ReceptiveField sigmoid(LayerSpec.Sigmoid layer) {
      return before;
    }

    @Override
    public ReceptiveField dropout(LayerSpec.Dropout layer) {
      return before;
    }

    @Override
    public ReceptiveField softmax(LayerSpec.Softmax layer) {
      return null;
    }
  }
}
