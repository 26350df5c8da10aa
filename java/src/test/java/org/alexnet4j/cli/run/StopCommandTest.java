package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that ends by itself before its epochs are done, in one go and in parts. */
class StopCommandTest {
  /** Weights that stay make a loss that stays: patience is over after three epochs of fifteen. */
  private static final String STOP =
      "--set training.rate=0 --set training.drops=[] --set training.stop={patience:X2}";

  @TempDir Path folder;

  private Cli run(String line) {
    return Cli.run(
        List.of(line.replace("@", folder + "/").strip().split(" +")).stream()
            .map(word -> word.replace(":X", ": "))
            .toArray(String[]::new));
  }

  private Cli train(String more) {
    return run(
        "train --data "
            + TinyRun.DATA
            + " --config @tiny.yaml --devices cpu:0 --inspect 0 "
            + more);
  }

  @Test
  void itEndsAndIsDoneAndPartsAreTheWhole() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), TinyRun.CONFIG);
    Cli whole = train("--run @whole " + STOP);
    assertEquals(0, whole.code(), whole.err());
    assertTrue(whole.out().contains("whole: 45 steps, "), whole.out());
    assertTrue(
        whole.err().contains("the run ends after step 44: the held-out loss has not come below "),
        whole.err());
    List<String> lines = Files.readAllLines(folder.resolve("whole/metrics.jsonl"));
    assertTrue(
        lines.get(lines.size() - 1).startsWith("{\"kind\":\"stop\",\"step\":44,\"epoch\":3"));
    for (String steps : new String[] {"17", "31"}) {
      String run = "--run @parts" + steps + " ";
      assertEquals(0, train(run + STOP + " --steps " + steps).code());
      Cli rest = run("train --resume @parts" + steps + " --devices cpu:0 --inspect 0");
      assertEquals(0, rest.code(), rest.err());
      assertTrue(rest.out().contains(": 45 steps, "), rest.out());
      Cli same = run("compare @whole @parts" + steps);
      assertEquals(0, same.code(), same.out());
    }
    Cli done = run("train --resume @whole --devices cpu:0");
    assertTrue(done.out().contains("nothing to do: 45 steps done"), done.out());
    Cli more = train("--run @more --steps 50 " + STOP);
    assertTrue(more.out().contains("more: 45 steps, "), more.out());
    Cli none = train("--run @none " + STOP + " --data synthetic:train=60,test=0");
    assertEquals(2, none.code(), "--data twice");
    Cli noImages =
        run(
            "train --data synthetic:train=60,test=0 --config @tiny.yaml --devices cpu:0 --run @none "
                + STOP);
    assertEquals(3, noImages.code(), noImages.err());
    assertTrue(noImages.err().contains("because training.stop needs them"), noImages.err());
  }
}
