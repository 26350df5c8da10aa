package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.RunSessions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run folder whose logs or record of sessions are damaged, and what sessions record. */
class DamagedLogsTest extends FinishedRun {
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
}
