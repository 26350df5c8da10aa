package org.alexnet4j.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.device.Kernels;
import org.alexnet4j.report.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the kernels of this build and checks them. */
@Command(
    name = "kernels",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(list | check)",
    description = {
      "Lists or checks the kernels of this build.",
      "ALEXNET_<FAMILY>_<PASS>=variant in the environment forces a variant, in every command."
    })
final class KernelsCommand {
  private final Console console;

  KernelsCommand(Console console) {
    this.console = console;
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists family, pass, variant, kind of device and source file of each kernel.")
  void list(
      @Option(names = "--json", description = "Print the result as one JSON array.") boolean json) {
    List<JsonObject> kernels =
        Kernels.list().stream().map(k -> JsonParser.parseString(k).getAsJsonObject()).toList();
    if (json) {
      console.json(kernels);
      return;
    }
    TextTable table = new TextTable("family", "pass", "variant", "kind", "file");
    for (JsonObject kernel : kernels) {
      table.row(
          text(kernel.get("family")),
          text(kernel.get("pass")),
          text(kernel.get("variant")),
          text(kernel.get("kind")),
          text(kernel.get("file")));
    }
    console.result(table.toString());
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = {
        "Runs the check program over every kernel: values, gradients, races, repeated bits.",
        "Needs the source tree in which ./alexnet was built."
      })
  int check(
      @Parameters(
              arity = "0..*",
              paramLabel = "ARGUMENT",
              description = "For kernel_check; after --, for example: -- --help")
          List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program().toString()));
    command.addAll(arguments == null ? List.of() : arguments);
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    return (code == 0 ? ExitCode.OK : ExitCode.OTHER).code();
  }

  private static Path program() {
    Path program =
        Path.of(System.getProperty("alexnet.home", "."), "java/target/cmake/kernel_check");
    if (!Files.isExecutable(program)) {
      throw new CommandException(
          ExitCode.USAGE, program + " is missing; start ./alexnet in a built source tree");
    }
    return program;
  }

  private static String text(JsonElement value) {
    return value == null ? "" : value.getAsString();
  }
}
