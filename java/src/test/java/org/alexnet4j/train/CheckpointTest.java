package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.ScheduleState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path folder;

  private Path checkpoint() throws IOException {
    Path run = folder.resolve("run");
    TrainingRun.run(TinyRun.options(run, 2, false), new RunListener() {});
    return new RunFolder(run).checkpoint(2);
  }

  @Test
  void everyFlippedByteIsRefused() throws IOException {
    Path file = checkpoint();
    byte[] bytes = Files.readAllBytes(file);
    Checkpoint.readContent(file);
    List<Integer> accepted = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int at = 0; at < bytes.length; at++) {
        // Every byte, with a change of one to eight bits that differs from byte to byte.
        byte flipped = (byte) (bytes[at] ^ (1 + at * 37 % 255));
        channel.write(ByteBuffer.wrap(new byte[] {flipped}), at);
        try {
          Checkpoint.readContent(file);
          accepted.add(at);
        } catch (FormatException e) {
          assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        }
        channel.write(ByteBuffer.wrap(bytes, at, 1), at);
      }
    }
    assertEquals(List.of(), accepted);
    Checkpoint.readContent(file);
  }

  @Test
  void everyLengthIsRefusedButTheWhole() throws IOException {
    Path file = checkpoint();
    long length = Files.size(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long cut = length - 1; cut >= 0; cut--) {
        channel.truncate(cut);
        assertThrows(FormatException.class, () -> Checkpoint.readContent(file));
      }
    }
  }

  @Test
  void theDamagedTensorIsNamed() throws IOException {
    Path file = checkpoint();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 400] ^= 1; // the checksums take the last 18 * 8 bytes
    Files.write(file, bytes);
    FormatException e = assertThrows(FormatException.class, () -> Checkpoint.readContent(file));
    assertTrue(e.getMessage().contains("tensor velocity.fc4.weight, byte "), e.getMessage());
    assertTrue(e.getMessage().contains("differs from its checksum"), e.getMessage());
  }

  @Test
  void aDamagedNewestIsSetAsideAndTheOneBeforeUsed() throws IOException {
    Path run = folder.resolve("run");
    CheckpointPolicy policy = new CheckpointPolicy(1, 3, false, 0);
    RunOptions options = TinyRun.options(run, 5, false, policy, 1, "cpu:0");
    TrainingRun.run(options, new RunListener() {});
    RunFolder files = new RunFolder(run);
    byte[] expected = Files.readAllBytes(files.checkpoint(5));
    byte[] damaged = expected.clone();
    damaged[damaged.length / 2] ^= 4;
    Files.write(files.checkpoint(5), damaged);
    List<String> notes = new ArrayList<>();
    TrainingRun.run(
        TinyRun.options(run, 5, true, policy, 1, "cpu:0"),
        new RunListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        });
    assertEquals(-1, java.util.Arrays.mismatch(expected, Files.readAllBytes(files.checkpoint(5))));
    assertTrue(notes.get(0).startsWith("not used: "), notes.toString());
    assertTrue(notes.get(1).contains("step-00000004.safetensors"), notes.toString());
    assertTrue(notes.get(2).endsWith("step-00000005.safetensors.damaged"), notes.toString());
    assertTrue(Files.exists(run.resolve("checkpoints/step-00000005.safetensors.damaged")));
  }

  @Test
  void newestBestAndEveryKEpochsStay() throws IOException {
    RunFolder run = RunFolder.create(folder.resolve("list"));
    CheckpointList list = new CheckpointList(run, new CheckpointPolicy(0, 2, true, 3), 10);
    double[] errors = {0.9, 0.4, 0.7, 0.6, 0.8, 0.5, 0.9, 0.95};
    for (int epoch = 1; epoch <= errors.length; epoch++) {
      Path file = run.checkpoint(10L * epoch);
      Files.writeString(file, "checkpoint");
      list.add(file, content(new Progress(10L * epoch, epoch, 0), errors[epoch - 1]));
    }
    List<Long> steps = run.checkpoints().stream().map(RunFolder::step).toList();
    assertEquals(List.of(20L, 30L, 60L, 70L, 80L), steps); // best, epochs 3 and 6, newest two
    assertTrue(Files.readString(run.list()).contains("every 3 epochs"));
    assertEquals(0.4, list.lowestError());
  }

  @Test
  void theOneHalfwayGoesWithTheNext() throws IOException {
    RunFolder run = RunFolder.create(folder.resolve("list"));
    CheckpointList list = new CheckpointList(run, new CheckpointPolicy(10, 2, false, 0), 100);
    List<List<Long>> left = new ArrayList<>();
    for (long step = 5; step <= 30; step += 5) {
      Path file = run.checkpoint(step);
      Files.writeString(file, "checkpoint");
      list.add(file, content(new Progress(step, 0, (int) step), 0.5));
      left.add(run.checkpoints().stream().map(RunFolder::step).toList());
      assertEquals(step % 10 == 5, Files.readString(run.list()).contains("halfway"));
    }
    assertEquals("[[5], [10], [10, 15], [10, 20], [10, 20, 25], [20, 30]]", left.toString());
  }

  private static Checkpoint.Content content(Progress at, double error) {
    return new Checkpoint.Content(
        at,
        1,
        "",
        List.of(),
        new float[3],
        ScheduleState.START,
        "",
        java.util.OptionalDouble.of(error));
  }

  @Test
  void changedSettingsAreListedAndLogged() throws IOException {
    Path run = folder.resolve("run");
    TrainingRun.run(TinyRun.options(run, 2, false), new RunListener() {});
    Configuration tiny = TinyRun.configuration();
    Configuration slower =
        tiny.withTraining(tiny.training().withDrops(com.google.common.collect.ImmutableList.of(1)));
    List<String> notes = new ArrayList<>();
    TrainingRun.run(
        TinyRun.with(TinyRun.options(run, 5, true), slower.withTraining(slower.training())),
        new RunListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        });
    assertTrue(notes.contains("from step 2: training.drops [] to [1]"), notes.toString());
    List<String> kinds =
        JsonLines.read(new RunFolder(run).metrics()).stream()
            .filter(line -> !line.get("kind").getAsString().equals("test"))
            .map(line -> line.get("kind").getAsString() + " " + line.get("step").getAsLong())
            .toList();
    assertEquals(
        List.of("train 0", "train 1", "change 2", "train 2", "rate 2", "train 3", "train 4"),
        kinds);
    Configuration otherBatch = tiny.withTraining(tiny.training().withBatch(2));
    IllegalArgumentException inside =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                TrainingRun.run(
                    TinyRun.with(TinyRun.options(run, 9, true), otherBatch), new RunListener() {}));
    assertTrue(inside.getMessage().contains("between epochs only"), inside.getMessage());
  }

  @Test
  void otherImagesAreRefused() throws IOException {
    Path run = folder.resolve("run");
    TrainingRun.run(TinyRun.options(run, 2, false), new RunListener() {});
    RunOptions o = TinyRun.options(run, 5, true);
    RunOptions other =
        new RunOptions(
            o.configuration(),
            "synthetic:train=14,test=6,seed=5",
            o.devices(),
            o.seed(),
            o.run(),
            o.steps(),
            o.resume(),
            o.checkpoints(),
            o.explain(),
            1);
    DataException e =
        assertThrows(DataException.class, () -> TrainingRun.run(other, new RunListener() {}));
    assertTrue(e.getMessage().contains("other images than the run's data"), e.getMessage());
  }

  @Test
  void twoWritersAreKeptApartAndALeftLockIsTakenOver() throws IOException {
    RunFolder run = RunFolder.create(folder.resolve("run"));
    try (RunLock lock = RunLock.acquire(run)) {
      lock.removeUnfinished();
      IllegalArgumentException second =
          assertThrows(IllegalArgumentException.class, () -> RunLock.acquire(run).close());
      assertTrue(second.getMessage().contains("is being written by"), second.getMessage());
    }
    try (RunLock again = RunLock.acquire(run)) {
      assertEquals(Optional.empty(), again.takenOver());
    }
    Files.writeString(run.lock(), "process 4194999");
    Files.writeString(run.path().resolve(".config.yaml.4194999.tmp"), "half");
    try (RunLock lock = RunLock.acquire(run)) {
      lock.removeUnfinished();
      assertEquals(
          Optional.of("took over the lock of process 4194999, which has ended"), lock.takenOver());
    }
    assertFalse(Files.exists(run.path().resolve(".config.yaml.4194999.tmp")));
  }
}
