package org.alexnet4j.data.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.data.Draws;
import org.alexnet4j.data.PreparedSets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills prepare with SIGKILL and TERM at random moments and starts it again: the bytes must be
 * those of an undisturbed run. {@code -Dalexnet.kills=50} asks for more than the usual three.
 */
class PrepareKillTest {
  private static final int KILLS = Integer.getInteger("alexnet.kills", 3);

  @TempDir Path dir;

  private Process start(Path out) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("org.alexnet4j.cli.Main", "prepare", dir.resolve("images").toString()));
    command.addAll(List.of("--out", out.toString(), "--side", "64", "--shard-images", "50"));
    command.addAll(List.of("--threads", "2"));
    Path log = dir.resolve("log");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private void finish(Path out) throws IOException, InterruptedException {
    Process process = start(out);
    assertTrue(process.waitFor(2, TimeUnit.MINUTES));
    assertEquals(0, process.exitValue(), () -> read(dir.resolve("log")));
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /**
   * Kills it, or asks it to end, which it does at once: nothing has to be finished first.
   *
   * @return false if it was done at that very moment
   */
  private boolean end(Process process, boolean politely) throws InterruptedException {
    if (!politely) {
      return process.destroyForcibly().waitFor() != 0;
    }
    process.destroy();
    assertTrue(
        process.waitFor(5, TimeUnit.SECONDS), "TERM is heard within a second or little more");
    if (process.exitValue() == 0) {
      return false;
    }
    assertEquals(128 + 15, process.exitValue(), () -> read(dir.resolve("log")));
    return true;
  }

  @Test
  void afterAKillTheSameBytesCome() throws IOException, InterruptedException {
    PreparedSets.folder(dir.resolve("images"), 4, 100);
    long start = System.nanoTime();
    finish(dir.resolve("undisturbed"));
    int millis = (int) ((System.nanoTime() - start) / 1_000_000);
    Map<String, String> want = PreparedSets.hashes(dir.resolve("undisturbed"));
    Draws random = new Draws(2012, 0, 0);
    Path out = dir.resolve("killed");
    int kills = 0;
    int resumed = 0;
    for (int attempt = 0; kills < KILLS; attempt++) {
      assertTrue(attempt < 10 * KILLS + 10, "it ends before it can be killed");
      Process process = start(out);
      boolean late = process.waitFor(millis / 4 + random.below(millis), TimeUnit.MILLISECONDS);
      if (late || !end(process, kills % 2 == 0)) {
        assertEquals(0, process.exitValue(), () -> read(dir.resolve("log")));
        assertEquals(want, PreparedSets.hashes(out));
        out = dir.resolve("killed" + attempt);
        continue;
      }
      kills++;
      resumed += Files.exists(out.resolve("train/images-00000.npy")) ? 1 : 0;
    }
    finish(out);
    assertEquals(want, PreparedSets.hashes(out));
    System.out.println(kills + " kills, " + resumed + " of them with finished files");
  }
}
