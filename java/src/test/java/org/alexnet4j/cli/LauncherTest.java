package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The launcher's functions, which are bash, have checks in bash. */
class LauncherTest {
  @Test
  @Timeout(120)
  void limitsFoldersCudaAndBuilds() throws Exception {
    Process process =
        new ProcessBuilder(Path.of("src/test/sh/launcher-checks").toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(10, TimeUnit.SECONDS), output);
    assertEquals(0, process.exitValue(), output);
    assertTrue(output.strip().endsWith(" passed, 0 failed"), output);
  }
}
