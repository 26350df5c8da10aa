package org.alexnet4j.cli.kernels;

import java.util.List;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Stands in the list of commands; the launcher builds and runs the benchmarks with Maven. */
@Command(
    name = "jmh",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the JMH benchmarks: steps, operations, exchange, loader, calls.",
      "Arguments are JMH's own: a pattern of names, -p NAME=VALUE, -f FORKS, -prof PROFILER, -l;",
      "--compare A.json B.json, two results that '-rf json' wrote; and --peers, which measures our",
      "algorithms, oneDNN and ONNX Runtime in turns (options: ./alexnet jmh --peers -- --help)."
    },
    customSynopsis = "./alexnet jmh [JMH ARGUMENTS]",
    footer = {
      "",
      "Examples:",
      "  ./alexnet jmh -l                                        # which there are",
      "  ./alexnet jmh StepBenchmark -p batch=32 -p purpose=INFER",
      "  ./alexnet jmh LayerBenchmark -p engine=onednn -rf json -rff l.json",
      "  ./alexnet jmh --compare before.json after.json"
    })
public final class JmhCommand implements Runnable {
  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", hidden = true)
  private List<String> arguments;

  @Override
  public void run() {
    throw new CommandException(
        ExitCode.USAGE, "benchmarks are run by ./alexnet jmh in the source tree");
  }
}
