package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.Faults;
import org.alexnet4j.run.RunSessions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person sees of links and of towers that fail: one line, an exit code, a run to resume. */
@Timeout(60)
final class TowerFailuresTest {
  private static final String DATA = "synthetic:train=40,test=20";

  @TempDir Path folder;

  @BeforeEach
  void writeConfiguration() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), TinyRun.CONFIG);
  }

  @AfterEach
  void nothingStays() {
    Faults.clear();
    assertEquals(0, Devices.liveHandles());
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private Cli train(String run, String devices, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "--data", DATA));
    arguments.addAll(List.of("--config", path("tiny.yaml"), "--run", path(run)));
    arguments.addAll(List.of("--epochs", "1", "--inspect", "0", "--devices", devices));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray(String[]::new));
  }

  private static void assertFailure(Cli cli, int code, String text) {
    assertEquals(code, cli.code(), cli.err());
    assertEquals("", cli.out());
    assertEquals(1, cli.err().lines().filter(l -> l.contains(text)).count(), cli.err());
    assertFalse(cli.err().contains("\tat "), cli.err());
  }

  /** The fault hits tower b in step 5; the checkpoint of step 4 is whole and leads to the end. */
  @ParameterizedTest
  @ValueSource(strings = {"failed", "device_lost"})
  void aTowerThatFailsLeavesARunToResume(String fault) {
    assertEquals(0, train("whole", "cpu:0,cpu:1").code());
    // Three weight gradients of convolutions a step: conv2's two, then conv1's.
    Faults.set(fault + ":conv/wgrad@cpu:1:17");
    assertFailure(
        train("run", "cpu:0,cpu:1", "--checkpoint-every", "4"),
        4,
        "tower b, conv2 ConvWgrad, step 5: ");
    Faults.clear();
    Cli resumed = Cli.run("train", "--resume", "--run", path("run"), "--inspect", "0");
    assertEquals(0, resumed.code(), resumed.err());
    assertTrue(resumed.err().contains("steps 4 to 10"), resumed.err());
    Cli same = Cli.run("compare", path("whole"), path("run"));
    assertEquals(0, same.code(), same.out());
  }

  @Test
  void noMemoryOnOneSideIsOneLine() {
    // The seventh arena on cpu:1: before it come two of the links' probes, two of their streams,
    // one
    // of the images, and one of what comes with a step.
    Faults.set("out_of_memory:cpu:1:7");
    assertFailure(train("run", "cpu:0,cpu:1"), 4, "tower b needs 1 MiB on cpu:1: ");
  }

  @ParameterizedTest
  @CsvSource({
    "'cpu:0,emu:0', auto, 'mix kinds cpu and emu; allowed: one kind for all towers'",
    "cpu:0, peer, 'needs two devices, and all towers are on cpu:0'",
    "'cpu:0,cpu:0', peer, 'needs two devices, and all towers are on cpu:0'",
    "'cpu:0,cpu:1', same, 'and they are on cpu:0 and cpu:1; allowed here: auto, peer, store'",
    "'cpu:0,cpu:1', wire, 'allowed: auto, same, peer, store, staged'",
  })
  void devicesThatDoNotFitAreUsageErrors(String devices, String transport, String text) {
    assertFailure(train("run", devices, "--transport", transport), 2, text);
  }

  @Test
  void peerAccessThatIsRefusedOrWrongIsADeviceError() {
    Faults.set("peer_refused");
    assertFailure(
        train("a", "cpu:0,cpu:1", "--transport", "peer"),
        4,
        "cpu:0 -> cpu:1: transport 'peer' does not work: no peer access; 'auto' takes what works");
    Faults.set("peer_zeros");
    assertFailure(train("b", "cpu:0,cpu:1", "--transport", "store"), 4, "byte 0 arrived changed");
  }

  @Test
  void theRunSaysHowPlanesGotAcross() throws IOException {
    Faults.set("peer_zeros");
    Cli cli = train("run", "cpu:0,cpu:1");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.err().contains("exchange cpu:1 -> cpu:0: staged (of 262144 bytes"), cli.err());
    JsonObject env = RunSessions.read(folder.resolve("run/env.json")).last().orElseThrow();
    JsonObject link = env.getAsJsonArray("links").get(0).getAsJsonObject();
    assertEquals("cpu:0", link.get("from").getAsString());
    assertEquals("cpu:1", link.get("to").getAsString());
    assertEquals("staged", link.get("transport").getAsString());
    assertTrue(link.get("because").getAsString().contains("arrived changed"), link.toString());
    Faults.clear();
    cli = train("stored", "cpu:0,cpu:1", "--transport", "store");
    String copied = "exchange copies relu2, drop3, which no kernel can store";
    assertTrue(cli.err().contains(copied), cli.err());
    assertEquals(0, Cli.run("compare", path("run"), path("stored")).code());
  }

  @Test
  void devicesShowsTheLinks() {
    Faults.set("peer_refused");
    Cli cli = Cli.run("devices", "--json");
    assertEquals(0, cli.code(), cli.err());
    JsonArray links = JsonParser.parseString(cli.out()).getAsJsonObject().getAsJsonArray("links");
    boolean seen = false;
    for (JsonElement element : links) {
      JsonObject link = element.getAsJsonObject();
      JsonObject speeds = link.getAsJsonObject("bytesPerSecond");
      assertTrue(speeds.get("staged").getAsDouble() > 0, link.toString());
      if (link.get("from").getAsString().equals("cpu:0")
          && link.get("to").getAsString().equals("cpu:1")) {
        seen = true;
        assertEquals("staged", link.get("transport").getAsString());
        assertEquals("no peer access", link.getAsJsonObject("faults").get("peer").getAsString());
      }
    }
    assertTrue(seen, links.toString());
    Faults.clear();
    String text = Cli.run("devices").out();
    assertTrue(text.lines().anyMatch(l -> l.matches("cpu:0 +cpu:1 +peer .* GB/s .*")), text);
  }
}
