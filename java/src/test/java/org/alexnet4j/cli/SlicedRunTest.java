package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps in slices go the whole way: train, stop, go on elsewhere and in less memory, describe. */
class SlicedRunTest {
  private static final String[] SLICED = {
    "--set", "training.batch=8", "--set", "training.slices=4", "--set", "training.lastBatch=short"
  };

  @TempDir Path folder;

  private void train(String name, String... more) throws IOException {
    String[] all = new String[SLICED.length + more.length];
    System.arraycopy(SLICED, 0, all, 0, SLICED.length);
    System.arraycopy(more, 0, all, SLICED.length, more.length);
    TinyRun.train(folder, name, all);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  /** 60 images make seven batches of 8 and one of 4, of which two slices have none. */
  @Test
  void itGoesOnInLessMemoryWithTheSameBits() throws IOException {
    train("whole", "--steps", "20");
    train("parts", "--steps", "11");
    Cli resumed =
        Cli.run(
            "train",
            "--resume",
            path("parts"),
            "--steps",
            "20",
            "--devices",
            "cpu:0",
            "--set",
            "training.memory=recompute");
    assertEquals(0, resumed.code(), resumed.err());
    assertTrue(resumed.err().contains("training.memory keep to recompute"), resumed.err());
    Cli same = Cli.run("compare", path("whole"), path("parts"));
    assertEquals(0, same.code(), same.out());
    assertTrue(same.out().startsWith("same: "), same.out());
    Cli evaluated = Cli.run("eval", path("parts"), "--data", TinyRun.DATA);
    assertEquals(0, evaluated.code(), evaluated.err());
  }

  @Test
  void theMemoryOfBothWaysIsDescribed() {
    Cli both = Cli.run("describe", "--slices", "8");
    assertEquals(0, both.code(), both.err());
    assertTrue(both.out().contains("8 slices kept"), both.out());
    assertTrue(both.out().contains("8 slices recomputed"), both.out());
    assertTrue(both.out().contains("all towers on one device: 623.7 MiB"), both.out());
    Cli none = Cli.run("describe", "--slices", "1");
    assertTrue(none.out().startsWith("undivided"), none.out());
    Cli wrong = Cli.run("describe", "--slices", "6");
    assertEquals(2, wrong.code());
    assertTrue(wrong.err().contains("slices are 6; allowed: a power of two"), wrong.err());
  }
}
