package org.alexnet4j.run;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.Printable;
import org.alexnet4j.io.Safetensors;

/** Reads the texts of a checkpoint; each is looked at before it is used. */
final class CheckpointMetadata {
  private final Path file;
  private final Safetensors tensors;
  private final Map<String, String> texts;

  CheckpointMetadata(Path file, Safetensors tensors) {
    this.file = file;
    this.tensors = tensors;
    this.texts = tensors.metadata();
  }

  /**
   * Returns all of it.
   *
   * @throws FormatException if something is missing or not what it should be
   */
  Checkpoint.Content content() throws IOException {
    if (!Checkpoint.isFormat(texts.get("format"))) {
      throw bad("format", Checkpoint.formats());
    }
    return new Checkpoint.Content(
        new Progress(
            number("step", Long.MAX_VALUE),
            (int) number("epoch", Integer.MAX_VALUE),
            (int) number("stepInEpoch", Integer.MAX_VALUE)),
        seed(),
        texts.getOrDefault("configuration", ""),
        classes(),
        mean(),
        schedule(),
        texts.getOrDefault("data", ""),
        heldOutError(),
        texts.containsKey("evaluationDue"));
  }

  private long seed() throws FormatException {
    try {
      return Long.parseLong(texts.getOrDefault("seed", ""));
    } catch (NumberFormatException e) {
      throw bad("seed", "a whole number");
    }
  }

  private long number(String key, long most) throws FormatException {
    String digits = texts.getOrDefault(key, "");
    if (digits.matches("[0-9]{1,18}") && Long.parseLong(digits) <= most) {
      return Long.parseLong(digits);
    }
    throw bad(key, "a whole number from 0 to " + most);
  }

  /** Names are a JSON list; in the format before they had line feeds between them. */
  private List<String> classes() throws FormatException {
    String text = texts.getOrDefault("classes", "");
    if (Checkpoint.isFormatBefore(texts.get("format"))) {
      return text.isEmpty() ? List.of() : Splitter.on('\n').splitToList(text);
    }
    try {
      if (JsonParser.parseString(text) instanceof JsonArray array) {
        List<String> names = new ArrayList<>();
        for (JsonElement name : array) {
          if (!(name instanceof JsonPrimitive primitive && primitive.isString())) {
            throw bad("classes", "a JSON list of texts");
          }
          names.add(name.getAsString());
        }
        return ImmutableList.copyOf(names);
      }
    } catch (JsonParseException e) {
      // Said below.
    }
    throw bad("classes", "a JSON list of texts");
  }

  private float[] mean() throws IOException {
    FloatBuffer mean = tensors.floats("mean");
    Checkpoint.requireFinite(file, "mean", mean.duplicate());
    float[] values = new float[mean.remaining()];
    MappedReads.guard("tensor mean", () -> mean.get(values), file);
    return values;
  }

  private ScheduleState schedule() throws FormatException {
    return new ScheduleState(
        epochs("scheduleDrops"),
        decimal("scheduleBest", Double.POSITIVE_INFINITY),
        (int) number("scheduleWithout", Integer.MAX_VALUE),
        stages());
  }

  private StageState stages() throws FormatException {
    if (!texts.containsKey("stageBegins")) {
      return StageState.START;
    }
    ImmutableList<Integer> begins = epochs("stageBegins");
    ImmutableList.Builder<Double> losses = ImmutableList.builder();
    for (String loss : Splitter.on(' ').omitEmptyStrings().split(text("stageLosses"))) {
      losses.add(decimal("stageLosses", loss, Double.MAX_VALUE));
    }
    if (begins.isEmpty() || begins.get(0) != 0 || losses.build().size() != begins.size() - 1) {
      throw bad("stageBegins", "0, and one more epoch for each of stageLosses");
    }
    return new StageState(
        begins,
        losses.build(),
        decimal("stageBest", Double.POSITIVE_INFINITY),
        (int) number("stageWithout", Integer.MAX_VALUE),
        decimal("stageLossSum", Double.MAX_VALUE),
        number("stageImages", Long.MAX_VALUE));
  }

  private ImmutableList<Integer> epochs(String key) throws FormatException {
    ImmutableList.Builder<Integer> epochs = ImmutableList.builder();
    for (String epoch : Splitter.on(' ').omitEmptyStrings().split(text(key))) {
      if (!epoch.matches("[0-9]{1,9}")) {
        throw bad(key, "epochs with blanks between them");
      }
      epochs.add(Integer.valueOf(epoch));
    }
    return epochs.build();
  }

  private OptionalDouble heldOutError() throws FormatException {
    return texts.containsKey("heldOutTop1Error")
        ? OptionalDouble.of(decimal("heldOutTop1Error", 1))
        : OptionalDouble.empty();
  }

  private double decimal(String key, double most) throws FormatException {
    return decimal(key, text(key), most);
  }

  private double decimal(String key, String text, double most) throws FormatException {
    try {
      double value = Double.parseDouble(text);
      if (value >= 0 && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw bad(key, "a number from 0 to " + most);
  }

  private String text(String key) throws FormatException {
    String value = texts.get(key);
    if (value == null) {
      throw bad(key, "a text");
    }
    return value;
  }

  private FormatException bad(String key, String allowed) {
    String value = texts.get(key);
    String found = value == null ? "is missing" : "is '" + Printable.name(value) + "'";
    return new FormatException(file, "metadata", key + " " + found + "; allowed: " + allowed);
  }
}
