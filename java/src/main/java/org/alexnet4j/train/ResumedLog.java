package org.alexnet4j.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.RunFolder;

/** A log of a run that goes on from a checkpoint: lines of later steps are dropped. */
final class ResumedLog {
  private static final int CHUNK_BYTES = 1 << 20;

  private ResumedLog() {}

  /**
   * Brings a log back to a step. In a damaged one the lines before the damage stay, and the whole
   * file is set aside: it decides about no step, and a run of weeks must not end for it.
   *
   * @param step the step that comes next
   * @param notes hears of a damaged log
   * @throws IOException if the log cannot be read, written or renamed
   */
  static void trim(Path log, long step, Consumer<String> notes) throws IOException {
    if (!Files.exists(log)) {
      return;
    }
    try (AtomicFile kept = AtomicFile.create(log)) {
      ByteArrayOutputStream lines = new ByteArrayOutputStream();
      try {
        JsonLines.forEach(
            log,
            line -> {
              if (line.whole("step", 0, Long.MAX_VALUE) < step) {
                String text = JsonLines.toJson(line.json()) + "\n";
                lines.writeBytes(text.getBytes(StandardCharsets.UTF_8));
              }
              if (lines.size() > CHUNK_BYTES) {
                flush(lines, kept);
              }
            });
      } catch (FormatException e) {
        Path aside = RunFolder.setAside(log);
        notes.accept(
            String.format(
                Locale.ROOT,
                "%s; set aside as %s, the lines before it stay",
                e.getMessage(),
                aside.getFileName()));
      }
      flush(lines, kept);
      kept.commit();
    }
  }

  private static void flush(ByteArrayOutputStream lines, AtomicFile to) throws IOException {
    to.write(ByteBuffer.wrap(lines.toByteArray()));
    lines.reset();
  }
}
