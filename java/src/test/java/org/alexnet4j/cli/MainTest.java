package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MainTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fly                       | Unmatched argument at index 0: 'fly'
          describe --batch 0        | batch is 0; allowed: 1 or more
          describe --batch many     | Invalid value for option '--batch'
          describe --purpose fly    | expected one of [TRAIN, INFER, INSPECT]
          compare one               | Missing required parameter: 'RUN'
          compare a b --tolerance=x | Invalid value for option '--tolerance'
          test                      | tests are run by ./alexnet test
          kernels                   | Missing required subcommand
          """)
  void badUsageIsOneLineAndExit2(String arguments, String message) {
    Cli cli = Cli.run(arguments.split(" "));
    assertEquals(2, cli.code(), cli.err());
    assertEquals("", cli.out());
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().startsWith("alexnet: "), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
  }

  @Test
  void describeShowsTheScratchMemoryOfDevices() {
    Cli text = Cli.run("describe", "--batch", "1", "--width", "0.125", "--devices", "emu:0");
    assertEquals(0, text.code(), text.err());
    assertTrue(text.out().contains("workspace"), text.out());
    Cli plain = Cli.run("describe", "--batch", "1");
    assertTrue(plain.out().contains("scratch memory depends on the devices"), plain.out());
  }

  @Test
  void describePrintsTablesOrJson() {
    Cli text = Cli.run("describe", "--batch", "2");
    assertEquals(0, text.code(), text.err());
    assertTrue(text.out().contains("60,965,224"), text.out());
    assertEquals("", text.err());
    Cli json = Cli.run("describe", "--json");
    assertEquals(
        60_965_224L,
        JsonParser.parseString(json.out()).getAsJsonObject().get("parameters").getAsLong());
  }

  @Test
  void compareEndsWith0Or1OrSaysWhatIsMissing() throws Exception {
    Path a = Files.createDirectory(folder.resolve("a"));
    Path b = Files.createDirectory(folder.resolve("b"));
    Files.writeString(a.resolve("metrics.jsonl"), "{\"step\":1,\"loss\":2}\n");
    Files.writeString(b.resolve("metrics.jsonl"), "{\"step\":1,\"loss\":3}\n");
    Cli same = Cli.run("compare", a.toString(), a.toString());
    assertEquals(0, same.code());
    assertEquals("same: 1 records and 0 tensors\n", same.out());
    Cli different = Cli.run("compare", a.toString(), b.toString(), "--json");
    assertEquals(1, different.code());
    assertFalse(
        JsonParser.parseString(different.out()).getAsJsonObject().get("same").getAsBoolean());
    Cli missing = Cli.run("compare", a.toString(), folder.resolve("no").toString());
    assertEquals(2, missing.code(), "1 would say that the runs differ");
    assertEquals(
        "alexnet: " + folder.resolve("no") + ": no run folder: metrics.jsonl is missing\n",
        missing.err());
  }

  @Test
  void everyCommandHasHelp() {
    Cli all = Cli.run("--help");
    assertEquals(0, all.code());
    List<String> commands =
        List.of(
            "demo",
            "train",
            "eval",
            "predict",
            "activations",
            "describe",
            "devices",
            "kernels",
            "compare",
            "bench",
            "test");
    for (String command : commands) {
      assertTrue(all.out().contains(command), all.out());
      Cli help = Cli.run(command, "--help");
      assertEquals(0, help.code());
      assertTrue(help.out().startsWith("Usage: alexnet "), help.out());
    }
  }
}
