package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.alexnet4j.io.Unfinished;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a run folder when the process ends before its first step. */
class RunClaimTest {
  @TempDir Path folder;

  /** The process ends at this moment: everything unfinished goes, and nothing goes on. */
  private static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static void end() {
    assertEquals(List.of(), Unfinished.removeAll());
    throw new Ended();
  }

  @Test
  void anEndAsSoonAsTheFolderIsLockedLeavesNone() throws IOException {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    Files.writeString(run.lock(), "process 4194999");
    RunListener first =
        new RunListener() {
          @Override
          public void note(
              String text) { // of the lock that was taken over: nothing was said before
            try {
              end();
            } finally {
              assertFalse(Files.exists(run.path()));
            }
          }
        };
    assertThrows(Ended.class, () -> RunClaim.take(run, false, false, first));
  }

  /** Between the folder and its entry among the unfinished things there is no moment. */
  @Test
  void noFolderIsMadeWhileTheProcessEnds() throws Exception {
    RunFolder run = new RunFolder(folder.resolve("a/run"));
    FutureTask<Void> begun =
        new FutureTask<>(
            () -> {
              RunClaim.take(run, false, false, new RunListener() {}).close();
              return null;
            });
    Thread beginner = new Thread(begun);
    assertEquals(List.of(), Unfinished.end());
    try {
      beginner.start();
      while (beginner.getState() != Thread.State.WAITING && beginner.isAlive()) {
        Thread.sleep(1);
      }
      assertFalse(Files.exists(folder.resolve("a")));
      assertTrue(beginner.isAlive(), "it waits for the end");
    } finally {
      Unfinished.goOn();
    }
    begun.get();
  }

  @Test
  void anEndLeavesNoneOfTheFoldersThatWereMade() {
    RunFolder run = new RunFolder(folder.resolve("a/b/run"));
    RunListener opened =
        new RunListener() {
          @Override
          public void opened(Path path) {
            assertTrue(Files.exists(run.lock()));
            end();
          }
        };
    assertThrows(Ended.class, () -> RunClaim.take(run, false, false, opened));
    assertFalse(Files.exists(folder.resolve("a")));
  }

  @Test
  void whatSomebodyElsePutThereStays() throws IOException {
    RunFolder run = new RunFolder(folder.resolve("a/run"));
    RunClaim claim = RunClaim.take(run, false, false, new RunListener() {});
    Files.writeString(run.path().resolve("notes.txt"), "mine");
    claim.close();
    assertEquals("mine", Files.readString(run.path().resolve("notes.txt")));
    assertFalse(Files.exists(run.lock()));
  }

  @Test
  void theFolderOfAnotherWriterStays() throws IOException {
    RunFolder run = new RunFolder(folder.resolve("a/run"));
    try (RunClaim claim = RunClaim.take(run, false, false, new RunListener() {})) {
      assertThrows(
          IllegalArgumentException.class,
          () -> RunClaim.take(run, false, false, new RunListener() {}).close());
      assertTrue(Files.exists(run.lock()));
      claim.keep();
    }
    assertTrue(Files.exists(run.path()));
  }
}
