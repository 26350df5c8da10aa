package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.RunSessions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run folder in which something is damaged, or in the place of which something else is. */
class RunFaultsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final CheckpointPolicy POLICY = new CheckpointPolicy(1, 3, false, 0);
  private static final long STEPS = 4;

  @TempDir Path folder;
  private Path run;
  private RunFolder files;
  private byte[] expected;
  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void train() throws IOException {
    run = folder.resolve("run");
    files = new RunFolder(run);
    TrainingRun.run(TinyRun.options(run, STEPS, false, POLICY, 1, "cpu:0"), new RunListener() {});
    expected = Files.readAllBytes(files.checkpoint(STEPS));
  }

  private void resume() {
    assertTimeoutPreemptively(
        SOON,
        () ->
            TrainingRun.run(
                TinyRun.options(run, STEPS, true, POLICY, 1, "cpu:0"),
                new RunListener() {
                  @Override
                  public void note(String line) {
                    notes.add(line);
                  }
                }));
  }

  /** What can become of a checkpoint. */
  enum Fate {
    CUT {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
      }
    },
    EMPTY {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.write(file, new byte[0]);
      }
    },
    PIPE {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.delete(file);
        pipe(file);
      }
    },
    FOLDER {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.delete(file);
        Files.createDirectories(file.resolve("inside"));
      }
    },
    LINK {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Path elsewhere = file.resolveSibling("elsewhere");
        Files.move(file, elsewhere);
        Files.createSymbolicLink(file, elsewhere);
      }
    },
    LINK_TO_ITSELF {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.delete(file);
        Files.createSymbolicLink(file, file);
      }
    },
    UNREADABLE {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.setPosixFilePermissions(file, java.util.Set.of());
        assumeTrue(!Files.isReadable(file), "this user may read everything");
      }
    },
    HUGE_HEADER {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          channel.write(length.putLong(0, 90_000_000), 0);
          channel.write(ByteBuffer.allocate(1), 100_000_000); // a file with holes
        }
      }
    },
    NO_NUMBER {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "fc3.weight", Float.NaN, null);
      }
    },
    INFINITE_VELOCITY {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "velocity.conv1.bias", Float.NEGATIVE_INFINITY, null);
      }
    },
    ANOTHER_STEP_OF_THE_EPOCH {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "", 0, Map.of("stepInEpoch", "9"));
      }
    },
    WORDS_FOR_NUMBERS {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "", 0, Map.of("epoch", "99999999999"));
      }
    },
    NO_CONFIGURATION {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "", 0, Map.of("configuration", "network: ["));
      }
    },
    ANOTHER_NETWORK {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "conv1.weight", 0, null);
      }
    };

    abstract void befall(Path file, byte[] bytes) throws IOException;
  }

  private static void pipe(Path file) throws IOException {
    try {
      assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Writes a checkpoint anew, with checksums that fit: one tensor gets another value (0: another
   * shape), or the texts change.
   */
  private static void rewrite(Path file, String tensor, float value, Map<String, String> texts)
      throws IOException {
    Path copy = file.resolveSibling("copy");
    Files.move(file, copy);
    try (Safetensors from = Safetensors.open(copy)) {
      Map<String, String> metadata = new java.util.LinkedHashMap<>(from.metadata());
      metadata.putAll(texts == null ? Map.of() : texts);
      List<TensorInfo> infos = new ArrayList<>();
      for (TensorInfo info : from.tensors().values()) {
        if (info.dtype() == DType.FLOAT32) {
          boolean flat = info.name().equals(tensor) && value == 0;
          infos.add(flat ? TensorInfo.float32(info.name(), info.count()) : info);
        }
      }
      try (SafetensorsWriter writer = SafetensorsWriter.createChecked(file, infos, metadata)) {
        for (TensorInfo info : infos) {
          FloatBuffer values = FloatBuffer.allocate((int) info.count());
          values.put(from.floats(info.name())).flip();
          if (info.name().equals(tensor) && value != 0) {
            values.put(1, value);
          }
          writer.write(info.name(), values);
        }
        writer.commit();
      }
    }
    Files.delete(copy);
  }

  @ParameterizedTest
  @EnumSource
  void theCheckpointBeforeIsUsedAndItIsSaid(Fate fate) throws IOException {
    fate.befall(files.checkpoint(STEPS), expected);
    resume();
    assertArrayEquals(expected, Files.readAllBytes(files.checkpoint(STEPS)));
    String newest = files.checkpoint(STEPS).toString();
    assertTrue(notes.get(0).startsWith("not used: " + newest + ": "), notes.toString());
    assertTrue(notes.get(1).contains("step-00000003.safetensors"), notes.toString());
    assertTrue(Files.exists(Path.of(newest + ".damaged"), java.nio.file.LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void tensorAndElementOfAValueThatIsNoNumberAreNamed() throws IOException {
    rewrite(files.checkpoint(STEPS), "fc3.weight", Float.NaN, null);
    resume();
    assertTrue(
        notes.get(0).contains("tensor fc3.weight[1]: is NaN; allowed: finite numbers"),
        notes.toString());
  }

  @Test
  void setAsideTwiceLosesNothing() throws IOException {
    for (int time = 1; time <= 2; time++) {
      Fate.CUT.befall(files.checkpoint(STEPS), expected);
      resume();
    }
    Path newest = files.checkpoint(STEPS);
    assertTrue(Files.exists(newest.resolveSibling(newest.getFileName() + ".damaged-2")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.yaml",
        "env.json",
        "metrics.jsonl",
        "exchange.jsonl",
        "lock",
        "stderr.log"
      })
  void linksAndPipesInPlaceOfTheRunsOwnFilesAreRefused(String name) throws IOException {
    Path own = run.resolve(name);
    Path other = folder.resolve("other");
    Files.writeString(other, "somebody else's");
    for (boolean link : new boolean[] {true, false}) {
      Files.deleteIfExists(own);
      if (link) {
        Files.createSymbolicLink(own, other);
      } else {
        pipe(own);
      }
      IllegalArgumentException e =
          assertTimeoutPreemptively(
              SOON,
              () ->
                  assertThrows(
                      IllegalArgumentException.class,
                      () ->
                          TrainingRun.run(
                              TinyRun.options(run, STEPS + 1, true), new RunListener() {})));
      assertTrue(
          e.getMessage().startsWith(own + (link ? " is a link" : " is a pipe or a device")),
          e.getMessage());
    }
    assertEquals("somebody else's", Files.readString(other));
  }

  @Test
  void foldersThatAreLinksAreRefusedAndNothingInThemIsRemoved() throws IOException {
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(run.resolve("checkpoints"), elsewhere);
    Files.createSymbolicLink(run.resolve("checkpoints"), elsewhere);
    Path temporary = elsewhere.resolve(".step-00000009.safetensors.17.tmp");
    Files.writeString(temporary, "x");
    assertThrows(
        IllegalArgumentException.class,
        () -> TrainingRun.run(TinyRun.options(run, STEPS, true), new RunListener() {}));
    assertTrue(Files.exists(temporary));
  }

  @Test
  void onlyOwnTemporaryFilesAreRemoved() throws IOException {
    Path theirs = run.resolve(".notes.17.tmp");
    Path folderOfTheirs = run.resolve(".config.yaml.18.tmp");
    Path ours = run.resolve(".config.yaml.17.tmp");
    Files.writeString(theirs, "x");
    Files.createDirectory(folderOfTheirs);
    Files.writeString(ours, "x");
    Files.delete(files.checkpoint(STEPS));
    resume();
    assertTrue(Files.exists(theirs));
    assertTrue(Files.exists(folderOfTheirs));
    assertFalse(Files.exists(ours));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}\n",
        "{\"step\":\"one\",\"kind\":\"train\"}\n",
        "{\"step\":null}\n",
        "[]\n",
        "words\n",
        "\u00ff"
      })
  void aDamagedLogIsSetAsideAndTheRunGoesOn(String damage) throws IOException {
    for (Path log : List.of(files.metrics(), files.exchange())) {
      List<String> before = Files.readAllLines(log);
      byte[] bytes =
          (before.get(0) + "\n" + damage + "\n" + before.get(0) + "\n")
              .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      Files.write(log, bytes);
      Files.deleteIfExists(files.checkpoint(STEPS));
      notes.clear();
      resume();
      Path aside = log.resolveSibling(log.getFileName() + ".damaged");
      assertArrayEquals(bytes, Files.readAllBytes(aside));
      assertTrue(
          notes.stream()
              .anyMatch(
                  note ->
                      note.startsWith(log + ": line 2")
                          && note.contains("set aside as " + aside.getFileName())),
          notes.toString());
      assertEquals(before.get(0), Files.readAllLines(log).get(0));
      Files.delete(aside);
    }
    JsonLines.read(files.metrics()); // can be read by whoever comes next
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"sessions\": {}}",
        "{\"sessions\": [1]}",
        "{\"data\": 1}",
        "\u00ff"
      })
  void aDamagedRecordOfSessionsIsSetAside(String content) throws IOException {
    Path file = files.environment();
    Files.write(file, content.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    FormatException e = assertThrows(FormatException.class, () -> RunSessions.read(file), content);
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    Files.delete(files.checkpoint(STEPS));
    resume();
    assertTrue(Files.exists(run.resolve("env.json.damaged")));
    assertEquals(1, RunSessions.read(file).all().size());
  }

  @Test
  void sessionsAreAddedAndNoneIsOverwritten() throws IOException {
    Files.delete(files.checkpoint(STEPS));
    resume();
    List<JsonObject> sessions = RunSessions.read(files.environment()).all();
    assertEquals(2, sessions.size());
    String steps = "";
    for (JsonObject session : sessions) {
      steps += session.get("fromStep") + " to " + session.get("toStep") + " ";
      assertEquals("done", session.get("how").getAsString());
      assertTrue(
          session.get("started").getAsString().compareTo(session.get("ended").getAsString()) <= 0);
    }
    assertEquals("0 to 4 3 to 4 ", steps);
  }

  @Test
  void theRecordOfAnOlderVersionIsItsFirstSession() throws IOException {
    Files.writeString(
        files.environment(),
        "{\"started\": \"2026-01-01T00:00:00Z\", \"data\": \"x\", \"devices\": \"[cpu:0]\","
            + " \"seed\": 99}");
    Files.delete(files.checkpoint(STEPS));
    resume();
    List<JsonObject> sessions = RunSessions.read(files.environment()).all();
    assertEquals(2, sessions.size());
    assertEquals("2026-01-01T00:00:00Z", sessions.get(0).get("started").getAsString());
  }

  @Test
  void aFailureIsInItsSession() throws IOException {
    assertThrows(
        IllegalStateException.class,
        () ->
            TrainingRun.run(
                TinyRun.options(run, STEPS + 3, true),
                new RunListener() {
                  @Override
                  public boolean stopRequested() {
                    throw new IllegalStateException("no");
                  }
                }));
    JsonObject session = RunSessions.read(files.environment()).last().orElseThrow();
    assertTrue(session.get("how").getAsString().contains("no"), session.toString());
    assertEquals(STEPS + 1, session.get("toStep").getAsLong());
  }

  @Test
  void whatIsDoneIsNotDoneAgainAndNothingIsTouched() throws IOException {
    byte[] before = Files.readAllBytes(files.environment());
    resume();
    assertEquals(List.of("nothing to do: 4 steps done"), notes);
    assertArrayEquals(before, Files.readAllBytes(files.environment()));
  }

  @Test
  void aRunThatFailsBeforeItsFirstStepLeavesNothing() {
    Path fresh = folder.resolve("a/b/run");
    RunOptions options = TinyRun.options(fresh, 1, false);
    assertThrows(
        IllegalStateException.class,
        () ->
            TrainingRun.run(
                options,
                new RunListener() {
                  @Override
                  public void started(
                      org.alexnet4j.plan.Plan plan, int train, int test, long done, long steps) {
                    throw new IllegalStateException("no");
                  }
                }));
    assertFalse(Files.exists(folder.resolve("a")));
  }

  @Test
  void aRunThatFailsLeavesWhatIsNotItsOwn() throws IOException {
    Path fresh = folder.resolve("fresh");
    Files.createDirectories(fresh);
    Files.writeString(fresh.resolve("notes.txt"), "mine");
    assertThrows(
        IllegalStateException.class,
        () ->
            TrainingRun.run(
                TinyRun.options(fresh, 1, false),
                new RunListener() {
                  @Override
                  public void started(
                      org.alexnet4j.plan.Plan plan, int train, int test, long done, long steps) {
                    throw new IllegalStateException("no");
                  }
                }));
    try (java.util.stream.Stream<Path> left = Files.list(fresh)) {
      assertEquals(List.of(fresh.resolve("notes.txt")), left.toList());
    }
  }

  /** Stopped in the middle of an evaluation: saved at once, and the same bits in the end. */
  @Test
  void anEvaluationThatWasStoppedIsDoneByWhoeverResumes() throws IOException {
    Path stopped = folder.resolve("stopped");
    // Three steps an epoch; the second question within the evaluation is answered with yes.
    int[] asked = {0};
    TrainingRun.Outcome outcome =
        TrainingRun.run(
            TinyRun.options(stopped, STEPS, false, POLICY, 1, "cpu:0"),
            new RunListener() {
              private long step;

              @Override
              public void step(
                  long number,
                  int epoch,
                  org.alexnet4j.tower.StepResult result,
                  float rate,
                  double speed,
                  double waited) {
                step = number;
              }

              @Override
              public boolean stopRequested() {
                return step == 2 && ++asked[0] > 1;
              }
            });
    assertTrue(outcome.stopped());
    assertEquals(3, outcome.progress().step());
    RunFolder there = new RunFolder(stopped);
    assertTrue(Checkpoint.readContent(there.checkpoint(3)).evaluationDue());
    TrainingRun.run(
        TinyRun.options(stopped, STEPS, true, POLICY, 1, "cpu:0"), new RunListener() {});
    assertArrayEquals(expected, Files.readAllBytes(there.checkpoint(STEPS)));
    assertArrayEquals(
        Files.readAllBytes(files.checkpoint(3)), Files.readAllBytes(there.checkpoint(3)));
    assertEquals(kinds(files), kinds(there));
  }

  private static List<String> kinds(RunFolder run) throws IOException {
    return JsonLines.read(run.metrics()).stream()
        .map(line -> line.get("kind") + " " + line.get("step") + " " + line.get("loss"))
        .toList();
  }
}
