package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JsonLinesTest {
  @TempDir Path folder;

  private record Step(long step, float loss, double rate) {}

  @Test
  void recordsAreAppendedAcrossOpenings() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    for (int step = 1; step <= 2; step++) {
      try (JsonLines lines = JsonLines.append(file)) {
        lines.write(new Step(step, 0.1f, 0.01));
      }
    }
    assertEquals(
        "{\"step\":1,\"loss\":0.1,\"rate\":0.01}\n{\"step\":2,\"loss\":0.1,\"rate\":0.01}\n",
        Files.readString(file));
    List<JsonObject> read = JsonLines.read(file);
    assertEquals(2, read.get(1).get("step").getAsLong());
    assertEquals(0.1f, read.get(1).get("loss").getAsFloat());
  }

  @Test
  void divergedNumbersStayReadable() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    try (JsonLines lines = JsonLines.append(file)) {
      lines.write(new Step(1, Float.NaN, Double.NEGATIVE_INFINITY));
      lines.write(Map.of("loss", Float.POSITIVE_INFINITY));
    }
    assertEquals(
        "{\"step\":1,\"loss\":\"NaN\",\"rate\":\"-Infinity\"}\n{\"loss\":\"Infinity\"}\n",
        Files.readString(file));
    assertTrue(Float.isNaN(JsonLines.read(file).get(0).get("loss").getAsFloat()));
  }

  @Test
  void anUnfinishedLastLineIsPassedOverAndAnotherDamagedLineIsNamed() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(file, "{\"step\":1}\n{\"step\":2");
    assertEquals(1, JsonLines.read(file).size());
    Files.writeString(file, "{\"step\":1}\n{\"step\"\n{\"step\":3}\n");
    FormatException e = assertThrows(FormatException.class, () -> JsonLines.read(file));
    assertEquals(file + ": line 2: is no JSON object", e.getMessage());
  }

  @Test
  void fieldsOfTheWrongTypeAndForeignBytesAreNamedWithTheirLine() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    for (String line : List.of("{}", "{\"step\":\"x\"}", "{\"step\":1.5}", "{\"step\":[1]}")) {
      Files.writeString(file, "{\"step\":1}\n" + line + "\n");
      FormatException e =
          assertThrows(
              FormatException.class,
              () -> JsonLines.forEach(file, record -> record.whole("step", 0, 9)));
      assertTrue(e.getMessage().startsWith(file + ": line 2: step "), e.getMessage());
    }
    Files.write(file, new byte[] {'{', '}', '\n', '{', (byte) 0xff, '}', '\n'});
    FormatException e = assertThrows(FormatException.class, () -> JsonLines.read(file));
    assertEquals(file + ": line 2, byte 1: 0xff is not UTF-8", e.getMessage());
    Files.writeString(file, "[".repeat(100_000) + "\n");
    assertThrows(FormatException.class, () -> JsonLines.read(file));
  }
}
