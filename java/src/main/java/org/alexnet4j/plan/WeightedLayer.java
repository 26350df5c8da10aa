package org.alexnet4j.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.plan.ParameterSpec.Part;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.FcShape;

/** Plans a convolution or a fully-connected layer on all towers that compute it. */
final class WeightedLayer {

  /** One product: a tower's weights for one plane, which lies in buffer x on that tower. */
  private record Product(int plane, int x, ParameterSpec weight) {}

  /** The share of one tower that computes this layer. */
  private static final class Share {
    final TowerDraft draft;
    final List<Product> products = new ArrayList<>();
    ParameterSpec bias;
    Extent output;

    Share(TowerDraft draft) {
      this.draft = draft;
    }
  }

  private final Drafts drafts;
  private final LayerSpec layer;
  private final Parameters parameters;
  private final boolean readsAll;
  private final boolean first;
  private final boolean relu;
  private final int width;
  private final int[] inputs;
  private final Extent[] extents;
  private final List<Share> parts = new ArrayList<>();

  private WeightedLayer(
      Drafts drafts,
      LayerSpec layer,
      Parameters parameters,
      boolean readsAll,
      boolean first,
      boolean relu,
      int width,
      int computing) {
    this.drafts = drafts;
    this.layer = layer;
    this.parameters = parameters;
    this.readsAll = readsAll && !first;
    this.first = first;
    this.relu = relu;
    this.width = width;
    this.inputs = drafts.value.clone();
    this.extents = new Extent[inputs.length];
    for (int t = 0; t < inputs.length; t++) {
      extents[t] = drafts.extent(t);
    }
    for (int t = 0; t < computing; t++) {
      parts.add(new Share(drafts.towers.get(t)));
    }
  }

  static WeightedLayer of(Drafts drafts, Conv conv, boolean first, boolean relu) {
    return new WeightedLayer(
        drafts,
        conv,
        conv.parameters(),
        conv.reads() == Reads.ALL,
        first,
        relu,
        conv.maps(),
        drafts.towers.size());
  }

  static WeightedLayer of(Drafts drafts, Fc fc, boolean first, boolean relu) {
    if (first && drafts.towers.size() > 1) {
      throw new IllegalArgumentException(
          "a fully-connected layer cannot be the first layer of several towers");
    }
    int computing = fc.firstTowerOnly() ? 1 : drafts.towers.size();
    return new WeightedLayer(drafts, fc, fc.parameters(), true, first, relu, fc.units(), computing);
  }

  void forward() {
    for (Share part : parts) {
      declare(part);
    }
    List<Transfer> arriving = new ArrayList<>();
    if (readsAll) {
      for (int from = 0; from < inputs.length; from++) {
        for (Share part : parts) {
          if (part.draft.tower != from) {
            arriving.add(sendPlane(from, part.draft.tower));
          }
        }
      }
    }
    Arrays.fill(drafts.value, -1);
    for (Share part : parts) {
      int y =
          part.draft.plane(layer.name(), layer.name(), Kind.ACTIVATION, part.output, drafts.batch);
      compute(part, arriving, y);
      drafts.value[part.draft.tower] = y;
    }
  }

  private Transfer sendPlane(int from, int to) {
    BufferSpec source = drafts.towers.get(from).buffers.get(inputs[from]);
    String name = source.name() + "." + NetworkSpec.towerName(from);
    int target =
        drafts.towers.get(to).plane(name, layer.name(), Kind.RECEIVED, extents[from], drafts.batch);
    return drafts.send(
        layer.name(), source.name(), Direction.FORWARD, from, to, inputs[from], target);
  }

  /** Declares this tower's parameters: one weight piece per plane it reads, and the biases. */
  private void declare(Share part) {
    int tower = part.draft.tower;
    int wholeOutputs = width * parts.size();
    int wholeChannels = 0;
    for (int t = 0; t < inputs.length; t++) {
      wholeChannels += extents[t].c();
    }
    int firstChannel = 0;
    for (int plane = 0; plane < inputs.length; plane++) {
      if (readsAll || plane == tower) {
        part.products.add(
            new Product(
                plane,
                inputs[plane],
                weight(
                    part.draft,
                    plane,
                    readsAll ? firstChannel : 0,
                    readsAll ? wholeChannels : extents[plane].c(),
                    wholeOutputs)));
      }
      firstChannel += extents[plane].c();
    }
    // The own plane is there already; the others follow by tower.
    part.products.sort(
        Comparator.comparing((Product p) -> p.plane != tower).thenComparing(p -> p.plane));
    part.bias = parameter(part.draft, Part.BIAS, "", new Extent(1, 1, 0), 0, 0, wholeOutputs);
    part.output = output(part);
  }

  private ParameterSpec weight(
      TowerDraft draft, int plane, int firstChannel, int wholeChannels, int wholeOutputs) {
    Extent e = extents[plane];
    Extent window =
        layer instanceof Conv conv ? new Extent(conv.kernel(), conv.kernel(), e.c()) : e;
    String suffix = readsAll && inputs.length > 1 ? "." + NetworkSpec.towerName(plane) : "";
    return parameter(draft, Part.WEIGHT, suffix, window, firstChannel, wholeChannels, wholeOutputs);
  }

  private ParameterSpec parameter(
      TowerDraft draft,
      Part part,
      String suffix,
      Extent window,
      int firstChannel,
      int wholeChannels,
      int wholeOutputs) {
    String name = layer.name() + (part == Part.BIAS ? ".bias" : ".weight") + suffix;
    long bytes = 4L * (part == Part.BIAS ? width : (long) width * window.count());
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(name + " has more than 2^31 bytes on one tower");
    }
    Purpose purpose = drafts.purpose;
    int value = draft.buffer(name, layer.name(), Kind.PARAMETER, bytes, null);
    int velocity =
        purpose == Purpose.TRAIN
            ? draft.buffer("velocity." + name, layer.name(), Kind.VELOCITY, bytes, null)
            : -1;
    int gradient =
        purpose != Purpose.INFER
            ? draft.buffer("grad." + name, layer.name(), Kind.PARAMETER_GRADIENT, bytes, null)
            : -1;
    ParameterSpec spec =
        new ParameterSpec(
            layer.name(),
            part,
            draft.tower,
            draft.tower * width,
            width,
            firstChannel,
            window.c(),
            window.h(),
            window.w(),
            wholeOutputs,
            wholeChannels,
            parameters,
            value,
            velocity,
            gradient);
    draft.parameters.add(spec);
    return spec;
  }

  private Extent output(Share part) {
    Product own = part.products.get(0);
    if (layer instanceof Conv) {
      ConvShape shape = convShape(own);
      return new Extent(shape.P(), shape.Q(), width);
    }
    return new Extent(1, 1, width);
  }

  private ConvShape convShape(Product product) {
    Conv conv = (Conv) layer;
    Extent e = extents[product.plane];
    return new ConvShape(
        drafts.batch,
        e.c(),
        e.h(),
        e.w(),
        width,
        conv.kernel(),
        conv.kernel(),
        conv.stride(),
        conv.pad(),
        1);
  }

  private FcShape fcShape(Product product) {
    return new FcShape(drafts.batch, extents[product.plane].count(), width);
  }

  private void compute(Share part, List<Transfer> arriving, int y) {
    int tower = part.draft.tower;
    for (int i = 0; i < part.products.size(); i++) {
      Product product = part.products.get(i);
      int x = source(product, tower, arriving);
      boolean last = i == part.products.size() - 1;
      int bias = last ? part.bias.value() : -1;
      int w = product.weight.value();
      boolean accumulate = i > 0;
      part.draft.forward.add(
          layer instanceof Conv
              ? new Operation.ConvFprop(
                  layer.name(), convShape(product), x, w, bias, y, accumulate, relu && last)
              : new Operation.FcFprop(
                  layer.name(), fcShape(product), x, w, bias, y, accumulate, relu && last));
      part.products.set(i, new Product(product.plane, x, product.weight));
    }
  }

  /** Returns where the plane lies on this tower, after waiting for it if it comes from another. */
  private int source(Product product, int tower, List<Transfer> arriving) {
    if (product.plane == tower || first) {
      return product.x;
    }
    for (Transfer transfer : arriving) {
      if (transfer.from() == product.plane && transfer.to() == tower) {
        drafts.receive(transfer);
        return transfer.toBuffer();
      }
    }
    throw new IllegalStateException("no transfer for plane " + product.plane);
  }

  /**
   * Plans the way back: partial gradients of other towers' planes leave first, then the local work,
   * then what arrives is added by tower.
   */
  void backward() {
    List<Transfer> arriving = new ArrayList<>();
    int[] own = new int[inputs.length];
    Arrays.fill(own, -1);
    for (Share part : parts) {
      int tower = part.draft.tower;
      int dy = drafts.gradient[tower];
      if (!first) {
        for (Product product : part.products) {
          if (product.plane != tower) {
            arriving.add(sendPartial(part, product, dy));
          }
        }
        own[tower] = drafts.newGradient(part.draft, inputs[tower], layer.name());
        dgrad(part, part.products.get(0), dy, own[tower]);
      }
      gradients(part, dy);
    }
    Arrays.fill(drafts.gradient, -1);
    if (!first) {
      for (int owner = 0; owner < inputs.length; owner++) {
        drafts.gradient[owner] = readsAll ? sum(owner, own[owner], arriving) : own[owner];
      }
    }
  }

  private Transfer sendPartial(Share part, Product product, int dy) {
    TowerDraft owner = drafts.towers.get(product.plane);
    BufferSpec plane = owner.buffers.get(inputs[product.plane]);
    String name = "grad." + plane.name();
    int partial =
        part.draft.plane(
            name + "." + NetworkSpec.towerName(product.plane),
            layer.name(),
            Kind.GRADIENT,
            plane.extent(),
            drafts.batch);
    dgrad(part, product, dy, partial);
    boolean alone = parts.size() == 1 && owner.tower >= parts.size();
    String targetName = alone ? name : name + ".from." + NetworkSpec.towerName(part.draft.tower);
    int target = owner.plane(targetName, layer.name(), Kind.RECEIVED, plane.extent(), drafts.batch);
    return drafts.send(
        layer.name(),
        plane.name(),
        Direction.BACKWARD,
        part.draft.tower,
        product.plane,
        partial,
        target);
  }

  private void dgrad(Share part, Product product, int dy, int dx) {
    int w = product.weight.value();
    part.draft.backward.add(
        layer instanceof Conv
            ? new Operation.ConvDgrad(layer.name(), convShape(product), dy, w, dx)
            : new Operation.FcDgrad(layer.name(), fcShape(product), dy, w, dx));
  }

  private void gradients(Share part, int dy) {
    List<Operation> operations = part.draft.backward;
    long rows = (long) drafts.batch * part.output.h() * part.output.w();
    operations.add(new Operation.BiasGrad(layer.name(), rows, width, dy, part.bias.gradient()));
    update(part, part.bias);
    for (Product product : part.products) {
      int dw = product.weight.gradient();
      operations.add(
          layer instanceof Conv
              ? new Operation.ConvWgrad(layer.name(), convShape(product), product.x, dy, dw)
              : new Operation.FcWgrad(layer.name(), fcShape(product), product.x, dy, dw));
      update(part, product.weight);
    }
  }

  private void update(Share part, ParameterSpec parameter) {
    if (drafts.purpose == Purpose.TRAIN && parameter.rate() > 0) {
      part.draft.backward.add(new Operation.SgdUpdate(layer.name(), parameter));
    }
  }

  /** Adds the partial gradients of one plane by tower; returns where the sum is. */
  private int sum(int owner, int own, List<Transfer> arriving) {
    TowerDraft draft = drafts.towers.get(owner);
    int total = -1;
    for (Share part : parts) {
      int from = part.draft.tower;
      int term = own;
      if (from != owner) {
        Transfer transfer =
            arriving.stream().filter(t -> t.from() == from && t.to() == owner).findFirst().get();
        drafts.receive(transfer);
        term = transfer.toBuffer();
      }
      if (total < 0) {
        total = term;
      } else {
        int target = own >= 0 && (term == own || total == own) ? own : total;
        long count = draft.buffers.get(target).bytes() / 4;
        draft.backward.add(new Operation.Add(layer.name(), count, total, term, target));
        total = target;
      }
    }
    return total;
  }

  long parameterCount() {
    return parts.stream()
        .mapToLong(p -> p.bias.count() + p.products.stream().mapToLong(q -> q.weight.count()).sum())
        .sum();
  }

  long macs() {
    long perBatch = 0;
    for (Share part : parts) {
      for (Product product : part.products) {
        perBatch += layer instanceof Conv ? convShape(product).macs() : fcShape(product).macs();
      }
    }
    return perBatch / drafts.batch;
  }

  long outputs() {
    return parts.stream().mapToLong(p -> p.output.count()).sum();
  }
}
