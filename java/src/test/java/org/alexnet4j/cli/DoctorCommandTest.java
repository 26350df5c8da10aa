package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.doctor.Finding;
import org.alexnet4j.doctor.Finding.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command on this machine, and what else prints about commands. */
final class DoctorCommandTest {
  @TempDir Path folder;

  @Test
  void thisMachineAndAGeneratedSet() {
    Cli cli = Cli.run("doctor", "--json", "--data", "synthetic:train=40,test=10");
    JsonObject json = JsonParser.parseString(cli.out()).getAsJsonObject();
    boolean data = false;
    for (JsonElement element : json.getAsJsonArray("findings")) {
      JsonObject finding = element.getAsJsonObject();
      assertTrue(List.of("ok", "note", "problem").contains(finding.get("level").getAsString()));
      boolean remedy = !finding.get("remedy").getAsString().isEmpty();
      assertTrue(remedy || !finding.get("level").getAsString().equals("problem"), cli.out());
      data |= finding.get("text").getAsString().contains("40 images of 10 classes");
    }
    assertTrue(data, cli.out());
    assertEquals(json.get("problems").getAsInt() == 0, cli.code() == 0, cli.out());
  }

  @Test
  void dataThatAreNotThere() {
    Cli cli = Cli.run("doctor", "--data", folder.resolve("none").toString());
    assertTrue(cli.out().contains("problem  data "), cli.out());
    assertTrue(cli.out().strip().endsWith("notes"), cli.out());
    assertTrue(cli.code() == 3 || cli.code() == 4, cli.out());
  }

  @Test
  void exitCodes() {
    Finding note = new Finding(Level.NOTE, "cores", "few", "more");
    Finding data = new Finding(Level.PROBLEM, "data", "none", "get some");
    Finding machine = new Finding(Level.PROBLEM, "cpu", "old", "a newer one");
    assertEquals(ExitCode.OK, DoctorCommand.code(List.of(note)));
    assertEquals(ExitCode.DATA, DoctorCommand.code(List.of(note, data)));
    assertEquals(ExitCode.DEVICE, DoctorCommand.code(List.of(data, machine)));
    assertTrue(DoctorCommand.text(List.of(note, data)).contains("few; more"));
    Finding lengthy = new Finding(Level.NOTE, "cores", "few ".repeat(50), "the remedy");
    assertTrue(DoctorCommand.text(List.of(lengthy)).contains("few ; the remedy"));
  }

  @Test
  void theManualPageHasEveryCommandAndOption() {
    Cli cli = Cli.run("man");
    assertEquals(0, cli.code(), cli.err());
    String page = cli.out().replace("\\-", "-");
    assertTrue(page.startsWith(".TH ALEXNET 1"), page);
    for (String wanted :
        List.of(
            ".SS \"alexnet train",
            ".SS \"alexnet data verify",
            ".SS \"alexnet doctor",
            "--checkpoint-every",
            "Exit codes")) {
      assertTrue(page.contains(wanted), wanted);
    }
    // A line that begins with a dot is a request: only ours do.
    assertTrue(
        page.lines()
            .filter(line -> line.startsWith("."))
            .allMatch(line -> line.matches("\\.(TH|SH|SS|TP|PP|nf|fi|B)( .*)?")),
        page);
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    Cli cli = Cli.run("completion", "bash");
    assertEquals(0, cli.code(), cli.err());
    Path script = Files.writeString(folder.resolve("completion"), cli.out());
    String ask =
        "source "
            + script
            + "; COMP_WORDS=(alexnet \"$@\"); COMP_CWORD=$#;"
            + " _complete_alexnet; echo \" ${COMPREPLY[*]} \"";
    assertTrue(bash(ask, "doc").contains(" doctor "), bash(ask, "doc"));
    assertTrue(bash(ask, "train", "--res").contains(" --resume "), bash(ask, "train", "--res"));
    assertEquals(2, Cli.run("completion", "fish").code());
  }

  private static String bash(String script, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "-c", script, "bash"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
