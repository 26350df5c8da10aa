package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.console.Terminal;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProgressReporterTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private long now;
  private int width = 100;

  private ProgressReporter reporter(boolean terminal, long steps) {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    Console console = new Console(stream, stream, Terminal.of(terminal, width));
    ProgressReporter reporter =
        new ProgressReporter(console, new StopRequest(line -> {}), () -> now);
    Plan plan = Planner.plan(AlexNet.paper2012(), 1, Purpose.INFER, InputShape.Mean.CHANNEL, 0);
    reporter.started(plan, 100, 10, 0, steps);
    err.reset();
    return reporter;
  }

  private String text() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void plainLinesComeAtTheStartEveryFiveSecondsAndAtTheEnd() {
    ProgressReporter reporter = reporter(false, 20);
    for (int step = 0; step < 20; step++) {
      reporter.step(step, 0, new StepResult(4, 8, 1, 4), 0.01f, 4, 0);
      now += SECOND;
    }
    assertEquals(
        """
        alexnet: step 1/20  19 s left  loss 2.0000  error 75.0 %  4.0 images/s  epoch 1
        alexnet: step 6/20  14 s left  loss 2.0000  error 75.0 %  4.0 images/s  epoch 1
        alexnet: step 11/20  9 s left  loss 2.0000  error 75.0 %  4.0 images/s  epoch 1
        alexnet: step 16/20  4 s left  loss 2.0000  error 75.0 %  4.0 images/s  epoch 1
        alexnet: step 20/20  0 s left  loss 2.0000  error 75.0 %  4.0 images/s  epoch 1
        """,
        text());
  }

  @Test
  void aTerminalHasOneLineThatAMessageEnds() {
    ProgressReporter reporter = reporter(true, 3);
    reporter.step(0, 0, new StepResult(4, 8, 1, 4), 0.01f, 4, 0);
    now += SECOND;
    reporter.step(1, 0, new StepResult(4, 8, 1, 4), 0.01f, 4, 0);
    assertFalse(text().contains("\n"), text());
    assertTrue(text().contains("\r\u001b[Kstep 2/3"), text());
    assertTrue(text().startsWith("\r\u001b[Kstep 1/3"), text());
    reporter.evaluated(2, 0, new StepResult(10, 20, 5, 10));
    assertTrue(
        text()
            .endsWith(
                "\nalexnet: held out after step 2: loss 2.0000, error 50.0 % top-1,"
                    + " 0.0 % top-5 of 10\n"),
        text());
  }

  @Test
  void meansForgetOldSteps() {
    ProgressReporter reporter = reporter(false, 201);
    for (int step = 0; step < 200; step++) {
      reporter.step(step, 0, new StepResult(1, step < 100 ? 9 : 1, 1, 1), 0.01f, 1, 0);
    }
    now += 10 * SECOND;
    err.reset();
    reporter.step(200, 0, new StepResult(1, 1, 1, 1), 0.01f, 1, 0);
    // 8 * (0.95^101 - 0.95^201) of the first hundred steps is still in the mean.
    assertTrue(text().contains("loss 1.0447"), text());
  }

  /** A line that fills the screen wraps on some terminals, and then every redraw scrolls. */
  @ParameterizedTest
  @ValueSource(ints = {20, 40, 80, 120})
  void theLineOfATerminalNeverFillsIt(int columns) {
    width = columns;
    ProgressReporter reporter = reporter(true, 12_345_678);
    reporter.step(9_999_999, 89, new StepResult(128, 128 * 123.456, 128, 128), 1e-5f, 9999.9, 0.5);
    String line = text().replace("\r\u001b[K", "");
    assertTrue(line.length() < columns, line);
    assertTrue(columns < 40 || line.startsWith("step 10000000/12345678  "), line);
    assertEquals(columns == 120, line.contains("images/s"), line);
  }
}
