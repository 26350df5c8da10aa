package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.io.EventDecoder.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files as {@link EventDecoder}, which shares no code with the writer, reads them. */
class EventFileTest {
  @TempDir Path folder;

  /** RFC 3720, appendix B.4: CRC32C of 32 bytes of zeros, of ones, counting up; and the usual. */
  @Test
  void theDecodersChecksumIsTheStandards() {
    byte[] ones = new byte[32];
    byte[] counting = new byte[32];
    for (int i = 0; i < 32; i++) {
      ones[i] = (byte) 0xff;
      counting[i] = (byte) i;
    }
    assertEquals(0x8a9136aa, EventDecoder.crc32c(new byte[32]));
    assertEquals(0x62a8ab43, EventDecoder.crc32c(ones));
    assertEquals(0x46dd794e, EventDecoder.crc32c(counting));
    assertEquals(0xe3069283, EventDecoder.crc32c("123456789".getBytes(StandardCharsets.US_ASCII)));
  }

  /** The frame of an empty message, computed by hand from the definition of the mask. */
  @Test
  void framesAreTfRecords() {
    byte[] length = {3, 0, 0, 0, 0, 0, 0, 0};
    byte[] message = {1, 2, 3};
    byte[] frame = new byte[19];
    EventFile.record(message).get(frame);
    assertArrayEquals(length, Arrays.copyOf(frame, 8));
    assertEquals(EventDecoder.masked(EventDecoder.crc32c(length)), EventDecoder.int32(frame, 8));
    assertArrayEquals(message, Arrays.copyOfRange(frame, 12, 15));
    assertEquals(EventDecoder.masked(EventDecoder.crc32c(message)), EventDecoder.int32(frame, 15));
  }

  @Test
  void valuesComeBack() throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("train/loss", 2.25);
    values.put("train/größe", Double.NaN);
    try (EventFile file = EventFile.create(folder, 0)) {
      file.write(0, values);
      file.write(300, Map.of("test/loss", -0.5));
      file.write(1L << 40, Map.of("test/loss", Double.POSITIVE_INFINITY));
    }
    List<Event> events = EventDecoder.read(EventFile.list(folder).get(0));
    assertEquals("brain.Event:2", events.get(0).version());
    assertTrue(Math.abs(events.get(1).wallTime() - System.currentTimeMillis() / 1e3) < 600);
    assertEquals(Map.of("train/loss", 2.25f, "train/größe", Float.NaN), events.get(1).values());
    assertEquals(300, events.get(2).step());
    assertEquals(Map.of("test/loss", -0.5f), events.get(2).values());
    assertEquals(1L << 40, events.get(3).step());
    assertEquals(Map.of("test/loss", Float.POSITIVE_INFINITY), events.get(3).values());
    assertEquals(4, events.size());
  }

  @Test
  void aResumedRunTakesTheEarlierFilesPlace() throws IOException {
    try (EventFile file = EventFile.create(folder, 0)) {
      for (int step = 0; step < 10; step++) {
        file.write(step, Map.of("train/loss", 100.0 + step));
      }
    }
    try (EventFile file = EventFile.create(folder, 6)) {
      file.write(6, Map.of("train/loss", 6.0));
    }
    List<Path> files = EventFile.list(folder);
    assertEquals(2, files.size());
    assertTrue(EventDecoder.read(files.get(1)).get(1).sessionStart());
    Map<Long, Float> curve = EventDecoder.curve(files, "train/loss");
    assertEquals(7, curve.size());
    assertEquals(105, curve.get(5L));
    assertEquals(6, curve.get(6L));
  }

  @Test
  void whatAKilledProcessLeftIsReadUpToItsLastWholeRecord() throws IOException {
    try (EventFile file = EventFile.create(folder, 0)) {
      file.write(1, Map.of("a", 1.0));
      file.write(2, Map.of("a", 2.0));
    }
    Path file = EventFile.list(folder).get(0);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
    assertEquals(2, EventDecoder.read(file).size());
    bytes[bytes.length - 8] ^= 1;
    Files.write(file, bytes);
    assertThrows(IOException.class, () -> EventDecoder.read(file));
  }
}
