package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
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

  /**
   * What rank 0 of 8 sends, batch 128, counted by hand: its 16 images of pool5 to seven others on
   * both towers, its eighth of fc6's and fc7's units, its two blocks' part of the logits.
   */
  @Test
  void whatRanksMoveIsDescribed() {
    Cli moves = Cli.run("describe", "--slices", "8", "--ranks", "8");
    assertEquals(0, moves.code(), moves.err());
    String pool5 = String.format(Locale.ROOT, "%,d", 7 * 16 * 6 * 6 * 128 * 4);
    String units = String.format(Locale.ROOT, "%,d", 7 * 128 * 2048 / 8 * 4);
    String logits = String.format(Locale.ROOT, "%,d", 7 * 128 * 1000 / 8 * 4);
    assertTrue(moves.out().matches("(?s).*allgather +pool5 +pool5 +" + pool5 + "\n.*"), pool5);
    assertTrue(moves.out().matches("(?s).*allgather +units.drop6 +fc6 +" + units + "\n.*"), units);
    assertTrue(moves.out().matches("(?s).*allgather +units.fc8 +fc8 +" + logits + "\n.*"), logits);
    assertTrue(moves.out().contains("rank 0 of 8"), moves.out());
    assertTrue(moves.out().contains("a model, not a measurement"), moves.out());
    Cli wrong = Cli.run("describe", "--slices", "8", "--ranks", "16");
    assertEquals(2, wrong.code());
    assertTrue(wrong.err().contains("16 ranks for 8 slices"), wrong.err());
    Cli odd = Cli.run("describe", "--slices", "8", "--ranks", "3");
    assertEquals(2, odd.code());
    assertTrue(odd.err().contains("3 ranks; allowed: a power of two"), odd.err());
    Cli none = Cli.run("describe", "--slices", "8", "--ranks", "0");
    assertEquals(2, none.code());
  }

  @Test
  void theMemoryOfBothWaysIsDescribed() {
    Cli both = Cli.run("describe", "--slices", "8");
    assertEquals(0, both.code(), both.err());
    assertTrue(both.out().contains("8 slices kept"), both.out());
    assertTrue(both.out().contains("8 slices recomputed"), both.out());
    assertTrue(both.out().contains("all towers on one device: 599.7 MiB"), both.out());
    Cli none = Cli.run("describe", "--slices", "1");
    assertTrue(none.out().startsWith("undivided"), none.out());
    Cli wrong = Cli.run("describe", "--slices", "6");
    assertEquals(2, wrong.code());
    assertTrue(wrong.err().contains("slices are 6; allowed: a power of two"), wrong.err());
  }
}
