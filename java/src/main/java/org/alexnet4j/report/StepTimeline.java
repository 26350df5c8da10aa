package org.alexnet4j.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.io.FormatException;

/**
 * One step as the page draws it, from a run's {@code trace.json}.
 *
 * @param step its number
 * @param devices one per tower
 * @param mode how the operations got to the devices: walk, graph
 * @param micros its length
 * @param towers how many there are
 * @param spans operations and copies
 * @param arrows exchanges
 */
record StepTimeline(
    long step,
    String devices,
    String mode,
    double micros,
    int towers,
    List<Span> spans,
    List<Arrow> arrows) {

  /**
   * What a stream did for a while; microseconds since the step began.
   *
   * @param copy whether it is the copy stream's
   */
  record Span(
      int tower,
      boolean copy,
      String name,
      String layer,
      String operation,
      boolean backward,
      double begin,
      double end) {}

  /** From the compute stream of one tower to the copy stream of another. */
  record Arrow(int from, int to, double begin, double end) {}

  /**
   * Reads the last step of a trace.
   *
   * @return null if there is no such file
   */
  static StepTimeline read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      return of(JsonParser.parseString(Files.readString(file)).getAsJsonObject());
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | IndexOutOfBoundsException
        | NumberFormatException e) {
      throw new FormatException(file, "content", "is no trace of alexnet4j");
    }
  }

  private static StepTimeline of(JsonObject trace) {
    List<JsonObject> events =
        trace.getAsJsonArray("traceEvents").asList().stream()
            .map(JsonElement::getAsJsonObject)
            .toList();
    List<JsonObject> steps =
        events.stream().filter(e -> phase(e) == 'X' && !e.has("args")).toList();
    JsonObject step = steps.get(steps.size() - 1);
    double start = step.get("ts").getAsDouble();
    int towers = step.get("pid").getAsInt() - 1;
    List<Span> spans = new ArrayList<>();
    List<Arrow> arrows = new ArrayList<>();
    JsonObject source = null;
    for (JsonObject event : events) {
      if (phase(event) == 'M' || event == step || event.get("ts").getAsDouble() < start) {
        continue;
      }
      switch (phase(event)) {
        case 'X' -> spans.add(span(event, start));
        case 's' -> source = event;
        case 't' -> arrows.add(arrow(source, event, start));
        default -> {} // the way from the copy to its reader stays inside a tower
      }
    }
    JsonObject about = trace.getAsJsonObject("otherData");
    return new StepTimeline(
        Long.parseLong(step.get("name").getAsString().replace("step ", "")),
        about.get("devices").getAsString(),
        about.get("mode").getAsString(),
        step.get("dur").getAsDouble(),
        towers,
        spans,
        arrows);
  }

  private static char phase(JsonObject event) {
    return event.get("ph").getAsString().charAt(0);
  }

  private static int tower(JsonObject event) {
    return event.get("pid").getAsInt() - 1;
  }

  private static Span span(JsonObject event, double start) {
    JsonObject arguments = event.getAsJsonObject("args");
    double begin = event.get("ts").getAsDouble() - start;
    boolean copy = arguments.has("bytes");
    String direction = arguments.get(copy ? "direction" : "pass").getAsString();
    return new Span(
        tower(event),
        copy,
        event.get("name").getAsString(),
        arguments.get("layer").getAsString(),
        copy ? "Copy" : arguments.get("operation").getAsString(),
        direction.equals("backward"),
        begin,
        begin + event.get("dur").getAsDouble());
  }

  private static Arrow arrow(JsonObject from, JsonObject to, double start) {
    return new Arrow(
        tower(from),
        tower(to),
        from.get("ts").getAsDouble() - start,
        to.get("ts").getAsDouble() - start);
  }
}
