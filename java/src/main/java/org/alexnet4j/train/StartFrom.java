package org.alexnet4j.train;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.alexnet4j.config.StartSpec;
import org.alexnet4j.config.StartSpec.Mode;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.Printable;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.NewestCheckpoint;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;

/**
 * Start values from another network: which tensor comes from where is decided, and checked, before
 * anything is written. Velocities start at zero.
 *
 * <p>A layer whose filters see the maps of one tower here and of all there, or the other way round,
 * is joined or split ({@link TowerBlocks}).
 */
final class StartFrom {
  private final Path file;
  private final Map<String, TowerBlocks> copies = new LinkedHashMap<>(); // by tensor

  private StartFrom(Path file) {
    this.file = file;
  }

  /**
   * Decides for every tensor of a network.
   *
   * @param notes hears what is copied, joined or split, and what starts anew
   * @throws FormatException if a tensor is missing or has another shape, or a value is no finite
   *     number
   * @throws IllegalArgumentException if the layers named are none of the network
   * @throws IOException if there is nothing to read
   */
  static StartFrom of(StartSpec spec, List<TensorSpec> tensors, Consumer<String> notes)
      throws IOException {
    Path named = Path.of(spec.from());
    if (!Files.exists(named)) {
      throw new FormatException(named, "start.from", "there is no such run folder or file");
    }
    Path file = NewestCheckpoint.file(named, notes);
    if (Checkpoint.is(file)) {
      Checkpoint.readContent(file); // every byte is looked at
    }
    Checkpoint.requireFinite(file);
    StartFrom start = new StartFrom(file);
    try (Safetensors there = Safetensors.open(file)) {
      start.decide(spec.layers(), tensors, there.tensors(), notes);
    }
    return start;
  }

  private void decide(
      ImmutableMap<String, Mode> modes,
      List<TensorSpec> tensors,
      Map<String, TensorInfo> there,
      Consumer<String> notes)
      throws FormatException {
    Set<String> copied = new LinkedHashSet<>();
    Set<String> anew = new LinkedHashSet<>();
    for (TensorSpec tensor : tensors) {
      String layer = layer(tensor.name());
      Mode mode = modes.get(layer);
      boolean known = there.containsKey(tensor.name());
      if (mode == Mode.NEW || (mode == null && !there.containsKey(layer + ".weight"))) {
        anew.add(layer);
        continue;
      }
      if (!known) {
        throw new FormatException(
            file,
            "start.layers." + layer,
            "there is no tensor "
                + tensor.name()
                + "; there are "
                + Printable.names(List.copyOf(there.keySet()))
                + "; allowed: one of these layers, or new");
      }
      copied.add(layer);
      copies.put(tensor.name(), blocks(tensor, there.get(tensor.name()), notes));
    }
    notes.accept(
        "starts from "
            + file
            + ": "
            + (copied.isEmpty() ? "nothing" : Printable.names(List.copyOf(copied)))
            + (anew.isEmpty() ? "" : "; new: " + Printable.names(List.copyOf(anew))));
  }

  private TowerBlocks blocks(TensorSpec tensor, TensorInfo there, Consumer<String> notes)
      throws FormatException {
    String layer = layer(tensor.name());
    TowerBlocks blocks =
        TowerBlocks.between(there.shape(), tensor)
            .orElseThrow(
                () ->
                    new FormatException(
                        file,
                        "tensor " + tensor.name(),
                        "is "
                            + there.shape()
                            + ", the network needs "
                            + tensor.shape()
                            + "; allowed: the same, or start.layers: {"
                            + layer
                            + ": new}"));
    blocks.note().ifPresent(note -> notes.accept(layer + ": " + note));
    return blocks;
  }

  private static String layer(String tensor) {
    return tensor.substring(0, tensor.lastIndexOf('.'));
  }

  /** Says from which file, and from which values, for {@code env.json}. */
  JsonObject describe() throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("file", file.toAbsolutePath().toString());
    json.addProperty("valuesSha256", Checkpoint.valuesSha256(file).orElse(null));
    return json;
  }

  /** Writes all that is copied; the rest is left as it is. */
  void write(ParameterStore store) throws IOException {
    try (Safetensors there = Safetensors.open(file)) {
      for (TensorSpec tensor : store.tensors()) {
        TowerBlocks blocks = copies.get(tensor.name());
        if (blocks == null) {
          continue;
        }
        FloatBuffer values = there.floats(tensor.name());
        store.write(
            tensor,
            Role.VALUE,
            (first, rows, to) ->
                MappedReads.guard(
                    "tensor " + tensor.name(),
                    () -> {
                      blocks.copy(values, first, rows, to);
                      return null;
                    },
                    file));
      }
    }
  }
}
