package org.alexnet4j.train;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Locale;
import org.alexnet4j.run.Progress;

/**
 * Writes what a schedule decides, under the step before it, so that a resumed run keeps the line,
 * and tells the person.
 */
record ScheduleLines(Schedule schedule, MetricsLog metrics, RunListener listener) {
  /** The next step has another rate. */
  void rate(Progress last, Progress now, int stepsPerEpoch, String because) throws IOException {
    JsonObject line = new JsonObject();
    line.addProperty("kind", "rate");
    line.addProperty("step", last.step());
    line.addProperty("epoch", now.epoch());
    float rate = schedule.rate(now, stepsPerEpoch);
    line.addProperty("rate", rate);
    line.addProperty("biasRate", schedule.biasRate(now, stepsPerEpoch));
    line.addProperty("because", because);
    metrics.other(line);
    listener.note(
        String.format(Locale.ROOT, "the rate is %s from step %d: %s", rate, now.step(), because));
  }

  /** There is no next step. */
  void stop(Progress last, String because) throws IOException {
    JsonObject line = new JsonObject();
    line.addProperty("kind", "stop");
    line.addProperty("step", last.step());
    line.addProperty("epoch", last.epoch());
    line.addProperty("because", because);
    metrics.other(line);
    listener.note("the run ends after step " + last.step() + ": " + because);
  }
}
