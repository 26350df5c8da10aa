package org.alexnet4j.cli.run;

import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.train.RunListener;

/** Says of one run among several what matters, with its name before it. */
final class QuietReporter implements RunListener {
  private final Console console;
  private final StopRequest stop;
  private final String name;

  QuietReporter(Console console, StopRequest stop, String name) {
    this.console = console;
    this.stop = stop;
    this.name = name;
  }

  @Override
  public void evaluated(long step, int epoch, StepResult result) {
    console.message(
        name
            + ": "
            + Numbers.counted(step, "step", "steps")
            + ", held-out error "
            + Numbers.percent(result.top1Error()));
  }

  @Override
  public void note(String text) {
    console.message(name + ": " + text);
  }

  @Override
  public boolean stopRequested() {
    return stop.isRequested();
  }
}
