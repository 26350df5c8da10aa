package org.alexnet4j.report;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
   * @param row which of its tower's rows it belongs to
   */
  record Span(
      int tower,
      Row row,
      String name,
      String layer,
      String operation,
      boolean backward,
      double begin,
      double end) {}

  /** Rows of a tower: its streams, and what moves between ranks. */
  enum Row {
    COMPUTE,
    COPY,
    MOVES
  }

  /** From the compute stream of one tower to the copy stream of another. */
  record Arrow(int from, int to, double begin, double end) {}

  /** The parts of a trace that are read here. */
  private record Trace(Map<String, String> otherData, List<Event> traceEvents) {
    boolean isWhole() {
      return otherData != null
          && traceEvents != null
          && traceEvents.stream().allMatch(event -> event != null && event.isWhole());
    }
  }

  private record Event(String ph, String name, int pid, double ts, double dur, Arguments args) {
    boolean isWhole() {
      boolean named = ph != null && name != null;
      return named && (!ph.equals("X") || args != null || name.matches("\\D*[0-9]{1,18}"));
    }

    boolean isStep() {
      return ph.equals("X") && args == null;
    }
  }

  private record Arguments(
      String layer, String operation, String pass, String direction, String move) {
    Row row() {
      if (move != null) {
        return Row.MOVES;
      }
      return direction != null ? Row.COPY : Row.COMPUTE;
    }
  }

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
      Trace trace = new Gson().fromJson(Files.readString(file), Trace.class);
      if (trace != null && trace.isWhole()) {
        List<Event> steps = trace.traceEvents.stream().filter(Event::isStep).toList();
        if (!steps.isEmpty()) {
          return of(trace, steps.get(steps.size() - 1));
        }
      }
    } catch (JsonParseException | CharacterCodingException e) {
      throw new FormatException(file, "content", "is no trace, but something else than its JSON");
    }
    throw new FormatException(file, "content", "is no trace of a step");
  }

  private static StepTimeline of(Trace trace, Event step) {
    List<Span> spans = new ArrayList<>();
    List<Arrow> arrows = new ArrayList<>();
    Event source = step;
    for (Event event : trace.traceEvents) {
      if (event.ts < step.ts || event == step) {
        continue;
      }
      switch (event.ph) {
        case "X" -> spans.add(span(event, step.ts));
        case "s" -> source = event;
        case "t" ->
            arrows.add(
                new Arrow(source.pid - 1, event.pid - 1, source.ts - step.ts, event.ts - step.ts));
        default -> {} // names, and the way from the copy to its reader, which stays in a tower
      }
    }
    return new StepTimeline(
        Long.parseLong(step.name.replaceAll("\\D", "")),
        trace.otherData.get("devices"),
        trace.otherData.get("mode"),
        step.dur,
        step.pid - 1,
        spans,
        arrows);
  }

  private static Span span(Event event, double start) {
    Arguments about = event.args;
    Row row = about.row();
    String operation =
        switch (row) {
          case COMPUTE -> about.operation;
          case COPY -> "Copy";
          case MOVES -> "Move";
        };
    return new Span(
        event.pid - 1,
        row,
        event.name,
        about.layer,
        operation,
        "backward".equals(row == Row.COPY ? about.direction : about.pass),
        event.ts - start,
        event.ts - start + event.dur);
  }
}
