package org.alexnet4j.cli.kernels;

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
import org.alexnet4j.cli.Cli;
import org.junit.jupiter.api.Test;

/** What the list says of a kernel is so. */
class KernelsListTest {
  private static JsonArray list() {
    Cli listed = Cli.run("kernels", "list", "--json");
    assertEquals(0, listed.code(), listed.err());
    return JsonParser.parseString(listed.out()).getAsJsonArray();
  }

  private static String text(JsonObject kernel, String field) {
    return kernel.get(field).getAsString();
  }

  /** A name ends in the precision, where that is not fp32. */
  @Test
  void precisionsAreThoseOfTheNames() {
    for (JsonElement each : list()) {
      JsonObject kernel = each.getAsJsonObject();
      String precision = text(kernel, "precision");
      String variant = text(kernel, "variant");
      assertEquals(variant.endsWith("_" + precision), !precision.equals("fp32"), variant);
      boolean wide = variant.contains("avx512");
      assertEquals(wide ? "AVX-512" : "", text(kernel, "needs"), variant);
    }
  }

  /** Who is said to be timed has a time in the header of its source. */
  @Test
  void whatWasTimedHasATimeInItsHeader() throws IOException {
    Path home = Path.of("..").toAbsolutePath().normalize();
    int timed = 0;
    for (JsonElement each : list()) {
      JsonObject kernel = each.getAsJsonObject();
      if (text(kernel, "measured").isEmpty()) {
        continue;
      }
      timed++;
      String source = Files.readString(home.resolve(text(kernel, "file")));
      String line =
          source.lines().filter(l -> l.startsWith("// Measured")).findFirst().orElse("nowhere");
      assertFalse(line.matches("// Measured not (yet|measured).*"), kernel + ": " + line);
      assertTrue(line.matches("// Measured .*(Zen|Xeon|EPYC|H200).*"), kernel + ": " + line);
      assertEquals("fp32", text(kernel, "precision"), kernel.toString());
    }
    assertTrue(timed > 10, "timed: " + timed);
  }

  @Test
  void theTableSaysTheSame() {
    Cli listed = Cli.run("kernels", "list");
    String header = listed.out().lines().findFirst().orElseThrow();
    assertTrue(
        header.matches("family +pass +variant +kind +precision +algorithm +needs +measured +file"));
    assertTrue(
        listed
            .out()
            .lines()
            .anyMatch(l -> l.matches("lrn +fprop +rows +cpu +fp32 +direct +- +CPU .*")));
    assertTrue(
        listed
            .out()
            .lines()
            .anyMatch(l -> l.matches("conv +fprop +mma_tf32 +emu +tf32 +direct +- +- .*")));
  }
}
