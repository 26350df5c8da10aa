package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BenchCommandTest {
  private static final String SMALL =
      "bench --width 0.05 --batch 2 --steps 2 --devices cpu:0,cpu:1";

  @Test
  void trainingIsMeasuredLayerByLayer() {
    Cli cli = Cli.run((SMALL + " --json").split(" "));
    assertEquals(0, cli.code(), cli.err());
    JsonObject result = JsonParser.parseString(cli.out()).getAsJsonObject();
    double best = result.get("images_per_second_best").getAsDouble();
    assertTrue(best > 0 && best >= result.get("images_per_second_median").getAsDouble());
    assertTrue(result.get("peak_resident_bytes").getAsLong() > 0);
    boolean found = false;
    for (var row : result.getAsJsonArray("operations")) {
      JsonObject o = row.getAsJsonObject();
      if (o.get("layer").getAsString().equals("conv2")
          && o.get("operation").getAsString().equals("ConvWgrad")) {
        found = true;
        assertTrue(o.get("gflops").getAsDouble() > 0);
        assertTrue(o.getAsJsonArray("millis").get(1).getAsDouble() > 0);
      }
    }
    assertTrue(found, cli.out());
  }

  @Test
  void theExchangeIsMeasuredAndTraced(@TempDir Path folder) throws IOException {
    Path trace = folder.resolve("trace.json");
    Cli cli = Cli.run((SMALL + " --json --trace " + trace).split(" "));
    assertEquals(0, cli.code(), cli.err());
    JsonArray exchange =
        JsonParser.parseString(cli.out()).getAsJsonObject().getAsJsonArray("exchange");
    assertEquals(14, exchange.size());
    for (var element : exchange) {
      JsonObject transfer = element.getAsJsonObject();
      assertTrue(transfer.get("bytes").getAsLong() > 0, transfer::toString);
      assertTrue(transfer.get("micros").getAsDouble() > 0, transfer::toString);
    }
    String text = Files.readString(trace);
    assertTrue(text.contains("\"step 4\"") && text.contains("\"step 5\""), "two steps");
    Cli table = Cli.run(SMALL.split(" "));
    assertTrue(table.out().contains("GB/s  hidden"), table.out());
  }

  @Test
  void inferenceIsPrintedAsATable() {
    Cli cli = Cli.run((SMALL + " --purpose infer").split(" "));
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("tower b ms"), cli.out());
    assertTrue(cli.out().contains("images/s best"), cli.out());
  }

  @ParameterizedTest
  @CsvSource({
    "bench --steps 0, 'steps is 0; allowed: 1 or more'",
    "bench --purpose inspect, 'purpose is INSPECT; allowed: train, infer'",
    "bench --batch 0, 'batch is 0; allowed: 1 or more'",
    "bench --trace no/such/folder/t.json, '--trace is no/such/folder/t.json; allowed: a file in a'"
  })
  void badUsageIsExit2(String arguments, String message) {
    Cli cli = Cli.run(arguments.split(" "));
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
  }
}
