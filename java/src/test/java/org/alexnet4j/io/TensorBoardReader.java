package org.alexnet4j.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads curves with TensorBoard's own reader, where {@code -Dalexnet.python=PROGRAM}, by default
 * python3, has the package tensorboard.
 */
public final class TensorBoardReader {
  private static final String PYTHON = System.getProperty("alexnet.python", "python3");

  private static final String SCRIPT =
      """
      import json, sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0})
      events.Reload()
      print(json.dumps([[e.step, e.value] for e in events.Scalars(sys.argv[2])]))
      """;

  private TensorBoardReader() {}

  /** Returns whether there is one. */
  public static boolean isThere() throws InterruptedException {
    try {
      return new ProcessBuilder(PYTHON, "-c", "import tensorboard")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // no Python
    }
  }

  /** Returns a curve of a run folder by step. */
  public static Map<Long, Float> curve(Path run, String tag) throws IOException {
    Process python =
        new ProcessBuilder(PYTHON, "-c", SCRIPT, run.toString(), tag)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed =
        new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    Map<Long, Float> curve = new TreeMap<>();
    for (JsonElement event : JsonParser.parseString(printed).getAsJsonArray()) {
      JsonArray pair = event.getAsJsonArray();
      curve.put(pair.get(0).getAsLong(), pair.get(1).getAsFloat());
    }
    return curve;
  }
}
