package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.run.NewestCheckpoint;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page is made from a run that is going on: it removes old checkpoints while they are read. */
class RunDataTest {
  @TempDir Path folder;
  private RunFolder run;

  @BeforeEach
  void train() throws IOException {
    TinyRun.train(folder, "run", "--inspect", "0", "--steps", "2");
    run = new RunFolder(folder.resolve("run"));
    while (run.checkpoints().size() > 1) {
      Files.delete(run.checkpoints().get(0));
    }
  }

  /** Writes the next checkpoint and removes the one before it, as a run does. */
  private void save() throws IOException {
    Path old = run.checkpoints().get(run.checkpoints().size() - 1);
    Path next = run.checkpoint(RunFolder.step(old) + 1);
    Path temporary = Files.copy(old, next.resolveSibling(".new"));
    Files.move(temporary, next, StandardCopyOption.ATOMIC_MOVE);
    Files.delete(old);
  }

  @Test
  void aCheckpointThatGoesWhileItIsReadIsLookedForAgain() throws IOException {
    List<Path> read = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    Optional<NewestCheckpoint> found =
        NewestCheckpoint.find(
            run,
            (file, content) -> {
              read.add(file);
              if (read.size() < 3) {
                save();
                Files.size(file);
              }
            },
            notes::add);
    assertEquals(run.checkpoints(), List.of(found.orElseThrow().file()));
    assertEquals(3, read.stream().distinct().count());
    assertEquals(List.of(), found.get().unusable(), "nothing is set aside that is not there");
    assertEquals(List.of(), notes);
  }

  @Test
  void aRunThatLeavesNoTimeToReadEndsTheSearch() {
    List<Path> read = new ArrayList<>();
    assertThrows(
        NoSuchFileException.class,
        () ->
            NewestCheckpoint.find(
                run,
                (file, content) -> {
                  read.add(file);
                  save();
                  Files.size(file);
                },
                note -> {}));
    assertTrue(read.size() > 5 && read.size() < 100, read.size() + " looks");
  }

  @Test
  void aPageIsMadeWhileTheRunSaves() throws IOException, InterruptedException {
    for (int round = 0; round < 20; round++) {
      Thread saving =
          new Thread(
              () -> {
                for (int i = 0; i < 10; i++) { // fewer than a page looks for
                  try {
                    save();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }
              });
      saving.start();
      RunData data = RunData.read(run.path(), note -> {});
      assertNotNull(data.filters());
      assertTrue(data.filtersStep() > 0);
      saving.join();
    }
  }

  @Test
  void ofTwoRunsTheCheckpointThatIsCutIsNamed() throws IOException, InterruptedException {
    for (int attempt = 0; attempt < 5; attempt++) {
      Path first = sparse("first" + attempt);
      Path second = sparse("second" + attempt);
      Thread cutting = new Thread(() -> cutSoon(second));
      cutting.start();
      try {
        RunComparison.of(first, second, 0);
      } catch (FormatException e) {
        assertEquals(second, e.file());
        return;
      } finally {
        cutting.join();
        Files.delete(first);
        Files.delete(second);
      }
    }
    throw new AssertionError("every comparison was done before its file was cut");
  }

  /** Makes a file with a tensor of 256 MiB that takes no room. */
  private Path sparse(String name) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    int bytes = 1 << 28;
    String header =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":["
            + bytes / Float.BYTES
            + "],\"data_offsets\":[0,"
            + bytes
            + "]}}";
    ByteBuffer start = ByteBuffer.allocate(8 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
    start.putLong(header.length());
    start.put(header.getBytes(StandardCharsets.US_ASCII)).flip();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(start);
      channel.write(ByteBuffer.allocate(1), 8 + header.length() + bytes - 1L);
    }
    return file;
  }

  private static void cutSoon(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      Thread.sleep(20);
      channel.truncate(4096);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
