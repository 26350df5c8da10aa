package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that ends at any moment leaves no temporary file, though threads go on making some. */
class UnfinishedTest {
  private static final int TIMES = 300;

  @TempDir Path folder;

  @AfterEach
  void goOn() {
    Unfinished.goOn();
  }

  private List<Path> temporaries() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".tmp")).toList();
    }
  }

  @Test
  void nothingIsMadeOnceTheProcessEnds() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong made = new AtomicLong();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread writer =
        new Thread(
            () -> {
              try {
                while (!over.get()) {
                  try (AtomicFile file = AtomicFile.create(folder.resolve("env.json"))) {
                    file.write(ByteBuffer.allocate(1));
                    made.incrementAndGet();
                  }
                }
              } catch (IOException | RuntimeException e) {
                failure.set(e);
              }
            });
    writer.start();
    for (int i = 0; i < TIMES; i++) {
      long before = made.get();
      while (made.get() == before && failure.get() == null) {
        Thread.onSpinWait();
      }
      assertEquals(List.of(), Unfinished.end());
      for (int look = 0; look < 20; look++) {
        assertEquals(List.of(), temporaries(), "end " + i);
      }
      Unfinished.goOn();
    }
    over.set(true);
    writer.join();
    assertEquals(null, failure.get());
    assertTrue(made.get() >= TIMES);
  }

  @Test
  void aFolderThatGoesGetsNoNewFile() throws Exception {
    Path run = Files.createDirectory(folder.resolve("run"));
    Path log = run.resolve("stderr.log");
    AtomicBoolean over = new AtomicBoolean();
    Thread logging =
        new Thread(
            () -> {
              while (!over.get()) {
                try {
                  Unfinished.makeUnlessEnding(() -> Files.writeString(log, "x"));
                } catch (IOException e) {
                  Thread.onSpinWait(); // the folder has gone
                }
              }
            });
    logging.start();
    for (int i = 0; i < TIMES; i++) {
      Files.createDirectories(run);
      Unfinished.add(
          () -> {
            Files.deleteIfExists(log);
            Files.delete(run); // fails if the log is there again
          });
      assertEquals(List.of(), Unfinished.end(), "end " + i);
      assertTrue(Files.notExists(run));
      Unfinished.goOn();
    }
    over.set(true);
    logging.join();
  }
}
