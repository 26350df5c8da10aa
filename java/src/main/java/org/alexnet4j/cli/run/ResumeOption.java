package org.alexnet4j.cli.run;

import java.util.Stack;
import org.alexnet4j.cli.option.RunArgument;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Whether a run goes on: {@code --resume}, or {@code --resume auto} where there is one already. */
final class ResumeOption {
  private static final String WORD = "auto";

  /** What a person asked for. */
  enum Mode {
    NEW,
    RESUME,
    AUTO
  }

  @Option(
      names = "--resume",
      arity = "0..1",
      paramLabel = "[" + WORD + "]",
      parameterConsumer = OneWord.class,
      description =
          "Go on from the newest checkpoint of RUN, with its configuration and data. With the word"
              + " auto: so if there is something to go on from, else begin; the same command may be"
              + " given any number of times.")
  private Mode mode = Mode.NEW;

  Mode mode() {
    return mode;
  }

  /** Takes the word and nothing else: what follows {@code --resume} may be the run. */
  static final class OneWord implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> arguments, ArgSpec option, CommandSpec command) {
      if (option.getValue() != Mode.NEW) {
        throw RunArgument.usage("--resume is given more than once; allowed: once");
      }
      boolean auto = !arguments.isEmpty() && arguments.peek().equals(WORD);
      if (auto) {
        arguments.pop();
      }
      option.setValue(auto ? Mode.AUTO : Mode.RESUME);
    }
  }
}
