package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run with {@code memory: recompute}: images once, no copy of the weights, the same bits. */
class LittleMemoryTest {
  private static final int STEPS = 7;

  @TempDir Path folder;

  @AfterEach
  void nothingStays() {
    assertEquals(0, Devices.liveHandles());
  }

  private RunOptions options(String name, String memory) {
    return TinyRun.with(
        TinyRun.options(folder.resolve(name), STEPS, false),
        TinyRun.configuration(
            "{batch: 4, epochs: 1000, rate: 0.001, momentum: 0.9, slices: 2, memory: "
                + memory
                + "}"));
  }

  /** Returns the bytes of all tensors but the checksums, which are of the configuration too. */
  private static Map<String, byte[]> tensors(Path run) throws IOException {
    Map<String, byte[]> all = new LinkedHashMap<>();
    try (Safetensors file = Safetensors.open(new RunFolder(run).latest().orElseThrow())) {
      for (String name : file.tensors().keySet()) {
        if (!name.equals("checksum.crc32c")) {
          ByteBuffer bytes = file.bytes(name);
          byte[] copy = new byte[bytes.remaining()];
          bytes.get(copy);
          all.put(name, copy);
        }
      }
    }
    return all;
  }

  @Test
  void itsCheckpointsAreThoseOfARunThatKeepsPlanes() throws IOException {
    TrainingRun.run(options("keep", "keep"), new RunListener() {});
    TrainingRun.run(options("again", "recompute"), new RunListener() {});
    Map<String, byte[]> keep = tensors(folder.resolve("keep"));
    Map<String, byte[]> again = tensors(folder.resolve("again"));
    assertEquals(List.copyOf(keep.keySet()), List.copyOf(again.keySet()));
    assertTrue(keep.containsKey("velocity.fc3.weight"), keep.keySet().toString());
    keep.forEach((name, bytes) -> assertArrayEquals(bytes, again.get(name), name));
  }

  /** A thread that writes has a copy to write from. */
  @Test
  void itsCheckpointsAreWrittenBetweenSteps() throws IOException {
    List<Path> saved = new ArrayList<>();
    TrainingRun.run(
        options("again", "recompute"),
        new RunListener() {
          @Override
          public void saved(Path file) {
            saved.add(file.getFileName());
          }

          @Override
          public void step(
              long step, int epoch, StepResult result, float rate, double speed, double waited) {
            Thread.getAllStackTraces()
                .keySet()
                .forEach(thread -> assertTrue(!thread.getName().equals("checkpoint-writer")));
          }
        });
    assertTrue(saved.size() >= 3, saved.toString());
  }

  @Test
  void aCheckpointThatCannotBeWrittenEndsTheRun() throws IOException {
    Path last = new RunFolder(folder.resolve("again")).checkpoint(STEPS);
    Path inTheWay = folder.resolve("again").resolve("checkpoints").resolve(last.getFileName());
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                TrainingRun.run(
                    options("again", "recompute"),
                    new RunListener() {
                      @Override
                      public void step(
                          long step,
                          int epoch,
                          StepResult result,
                          float rate,
                          double speed,
                          double waited) {
                        if (step == STEPS - 1) {
                          try {
                            Files.createDirectories(inTheWay.resolve("not empty"));
                          } catch (IOException failure) {
                            throw new AssertionError(failure);
                          }
                        }
                      }
                    }));
    assertTrue(e.getMessage().contains("the run ended after step " + (STEPS - 1)), e.getMessage());
  }
}
