package org.alexnet4j.misuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No call through the public API ends the virtual machine or hangs it. */
class MisuseTest {
  private static final int SEQUENCES = 200;
  private static final int ALL_SEQUENCES = 10_000;

  @TempDir Path folder;

  @Test
  void wrongCallsAreAnswered() throws IOException {
    Fork fork = Fork.run(folder, 120, List.of("-Xmx256m"), MisuseCases.class, folder.toString());
    assertEquals(0, fork.exit(), fork.end());
    assertTrue(fork.output().contains("live handles: 0, all answered"), fork.end());
  }

  @Test
  void randomSequencesNeitherCrashNorHangNorLeak() throws IOException {
    boolean all = Boolean.getBoolean("alexnet.all");
    int sequences = all ? ALL_SEQUENCES : SEQUENCES;
    String seed = System.getProperty("alexnet.misuse.seed", "1");
    Fork fork =
        Fork.run(
            folder,
            all ? 3_600 : 300,
            // An exception of a hot place would come without its text.
            List.of("-Xmx512m", "-XX:-OmitStackTraceInFastThrow"),
            MisuseDriver.class,
            seed,
            "0",
            Integer.toString(sequences));
    assertEquals(0, fork.exit(), "seed " + seed + ", " + fork.end());
  }

  @Test
  void devicesHaveMoreMemoryThanTheHeap() throws IOException {
    Fork fork = Fork.run(folder, 120, List.of("-Xmx32m"), LargeMemory.class, "0");
    assertEquals(0, fork.exit(), fork.end());
  }

  @Test
  void aLimitThatSomebodySetStaysAndHoldsForOthersOnly() throws IOException {
    Fork fork =
        Fork.run(
            folder,
            120,
            List.of("-Xmx32m", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=150m"),
            LargeMemory.class,
            "150m");
    assertEquals(0, fork.exit(), fork.end());
  }
}
