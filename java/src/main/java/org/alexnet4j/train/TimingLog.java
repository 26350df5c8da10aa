package org.alexnet4j.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.tower.TraceFile;
import org.alexnet4j.tower.time.ExchangeTime;
import org.alexnet4j.tower.time.RankTime;

/**
 * Writes what the towers' streams took: a line of {@code exchange.jsonl} per evaluation about what
 * crossed since the line before it, and {@code trace.json} with every operation of a few steps. The
 * fields are described in docs/runs.md.
 *
 * <p>The trace has the second to the fourth step of a session, as the first one is not like others;
 * of a session of one step that one.
 */
final class TimingLog {
  private static final int TRACED = 4;

  private final RunFolder folder;
  private final Optional<Path> copy;
  private final Towers towers;
  private final List<TraceFile.Step> steps = new ArrayList<>();
  private boolean tracing = true;
  private long stepped; // since the last line
  private Optional<RankTime> movedBefore; // before these steps

  /**
   * Begins to measure.
   *
   * @param copy where the trace goes as well
   */
  TimingLog(RunFolder folder, Optional<Path> copy, Towers towers) {
    this.folder = folder;
    this.copy = copy;
    this.towers = towers;
    towers.takeExchange();
    this.movedBefore = towers.rankTime();
    towers.time(true);
  }

  /** A training step is done, and no pass since. */
  void stepped(Progress at) throws IOException {
    stepped++;
    if (tracing) {
      steps.add(new TraceFile.Step(at.step(), towers.timeline()));
      if (steps.size() == TRACED) {
        writeTrace();
      }
    }
  }

  private void writeTrace() throws IOException {
    tracing = false;
    towers.time(false);
    List<TraceFile.Step> shown = steps.subList(Math.min(1, steps.size() - 1), steps.size());
    TraceFile.write(folder.trace(), towers, shown);
    if (copy.isPresent()) {
      TraceFile.write(copy.get(), towers, shown);
    }
    steps.clear();
  }

  /**
   * Writes a line about the steps since the last one.
   *
   * @param last the last of them
   */
  void write(Progress last) throws IOException {
    List<ExchangeTime> times = towers.takeExchange();
    Optional<RankTime> moved = towers.rankTime();
    if (stepped == 0 || times.isEmpty() && moved.isEmpty()) {
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", last.step());
    line.put("epoch", last.epoch());
    line.put("steps", stepped);
    line.put("transfers", times.stream().map(ExchangeTime::fields).toList());
    if (moved.isPresent()) {
      line.put("ranks", moved.get().since(movedBefore.orElseThrow()).fields(stepped));
    }
    movedBefore = moved;
    stepped = 0;
    try (JsonLines lines = JsonLines.append(folder.exchange())) {
      lines.write(line);
    }
  }

  /** No step will follow; the last one was {@code last}. */
  void end(Progress last) throws IOException {
    write(last);
    if (tracing && !steps.isEmpty()) {
      writeTrace();
    }
  }
}
