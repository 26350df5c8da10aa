package org.alexnet4j.cli.run;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.option.ClassesOption;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.NetworkOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network on a data set. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network and writes a run folder.",
      "Each epoch ends with a look at the held-out images. INT and TERM finish the step, save and",
      "end; --resume goes on with the same bits as if the run had never stopped."
    },
    footer = {
      "",
      "Examples:",
      "  ./alexnet train --data imagenet --preset paper-2012 --devices cuda:0,cuda:1",
      "  ./alexnet train --data cifar10 --preset cifar10-80sec --run runs/cifar",
      "  ./alexnet train --resume runs/cifar --epochs 20",
      "  ./alexnet train --data cifar10 --preset cifar10-80sec --rate-test"
    })
public final class TrainCommand implements Callable<Integer> {
  private final Console console;
  private final StopRequest stop;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description =
          "A prepared folder, a folder (train/CLASS/*, val/CLASS/* or CLASS/*), a tar archive of one,"
              + " or synthetic: for the generated set.")
  private String data;

  @Mixin private ClassesOption classes;

  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;
  @Mixin private TrainingOptions training;
  @Mixin private RateTestOptions rateTest;

  @Spec private CommandSpec spec;

  public TrainCommand(Console console, StopRequest stop) {
    this.console = console;
    this.stop = stop;
  }

  @Override
  public Integer call() throws IOException {
    TrainingSession session = new TrainingSession(console, stop, network, devices, training);
    if (rateTest.isAsked(spec, training.mayResume())) {
      RankedTraining.requireAlone("--rate-test");
      session.testRates(classes.applyTo(data), "paper-2012", rateTest);
      return ExitCode.OK.code();
    }
    RankedTraining.run(
        console,
        stop,
        devices,
        ranks -> {
          TrainingSession.Result result = session.run(classes.applyTo(data), "paper-2012", ranks);
          session.print(result);
          session.printPage(result);
        });
    return ExitCode.OK.code();
  }
}
