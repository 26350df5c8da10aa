package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of variables that nothing reads, or that nothing understands. */
final class VariablesTest {
  @Test
  void aNameThatNothingReadsComesWithTheNearest() {
    assertEquals(
        List.of(
            "ALEXNET_CONV_FPORP is set, but is no setting; did you mean 'ALEXNET_CONV_FPROP'?",
            "ALEXNET_ENGIN is set, but is no setting; did you mean 'ALEXNET_ENGINE'?",
            "ALEXNET_UTTERLY_OTHER is set, but is no setting: README lists those that are"),
        Variables.check(
            Map.of(
                "ALEXNET_CONV_FPORP", "direct",
                "ALEXNET_ENGIN", "onednn",
                "ALEXNET_UTTERLY_OTHER", "",
                "PATH", "/bin")));
  }

  @Test
  void whatIsRightIsNotMentioned() {
    assertEquals(
        List.of(),
        Variables.check(
            Map.of(
                "ALEXNET_CONV_FPROP", "direct",
                "ALEXNET_FC_WGRAD", "",
                "ALEXNET_ENGINE", "onednn",
                "ALEXNET_GRAPH", "pairs",
                "ALEXNET_JAVA_OPTS", "-Xmx1g",
                "ALEXNET_EMU_SEED", "3",
                "ALEXNET_OUT", "/x")));
  }

  @ParameterizedTest
  @CsvSource({
    "ALEXNET_CONV_FPROP, nosuch, direct",
    "ALEXNET_CONV_FPROP, direkt, did you mean 'direct'?",
    "ALEXNET_LRN_FPROP, nosuch, direct",
    "ALEXNET_ENGINE, x, cudnn",
    "ALEXNET_CUDNN, x, fastest",
    "ALEXNET_GRAPH, '', pairs",
    "ALEXNET_EMU_SCHEDULE, x, ordered"
  })
  void aValueThatNothingUnderstandsIsRefused(String name, String value, String allowed) {
    CommandException e =
        assertThrows(CommandException.class, () -> Variables.check(Map.of(name, value)));
    assertEquals(ExitCode.USAGE, e.code());
    assertTrue(e.getMessage().startsWith(name + " is '" + value + "'; "), e.getMessage());
    assertTrue(e.getMessage().contains(allowed), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "ALEXNET_CONV_FPROP, nosuch, 2, ALEXNET_CONV_FPROP is 'nosuch'; ",
    "ALEXNET_CONV_FPROP, direct, 2, there are: panels",
    "ALEXNET_ENGINE, cudnn, 0, 'which is for cuda devices; on [cpu:0, cpu:0] our kernels run'",
    "ALEXNET_GRAHP, on, 0, did you mean 'ALEXNET_GRAPH'?"
  })
  void processesSayIt(String name, String value, int code, String text)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("bench", "--preset", "demo", "--width", "0.1", "--batch", "2"));
    command.addAll(List.of("--steps", "1", "--devices", "cpu:0"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put(name, value);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(code, process.waitFor(), output);
    assertTrue(output.contains(text), output);
  }
}
