package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MainTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fly                       | there is no command 'fly'; allowed: demo, train,
          dat                       | there is no command 'dat'; did you mean 'data'? allowed: demo,
          trian --data x            | there is no command 'trian'; did you mean 'train'?
          data check                | there is no command 'data check'; allowed: verify, describe,
          data verfy x              | there is no command 'data verfy'; did you mean 'verify'?
          kernels chek              | there is no command 'kernels chek'; did you mean 'check'?
          help dat                  | there is no command 'dat'; did you mean 'data'?
          help data chck            | there is no command 'data chck'; allowed: verify
          eval --workers 3          | alexnet eval has no option '--workers'; did you mean '--loader-threads'?
          prepare x --workers 3     | has no option '--workers'; did you mean '--threads'?
          train --batchsize 3       | has no option '--batchsize'; did you mean '--batch'?
          train --batch-size=3      | has no option '--batch-size'; did you mean '--batch'?
          train --batch_size=3      | has no option '--batch_size'; did you mean '--batch'?
          train --lr 0.1            | has no option '--lr'; the configuration states it: --set training.rate=0.01
          train --gpus 2            | has no option '--gpus'; did you mean '--devices'?
          train --output x          | has no option '--output'; did you mean '--run'?
          activations --output x    | has no option '--output'; did you mean '--out'?
          train --loader_threads 2  | has no option '--loader_threads'; did you mean '--loader-threads'?
          train --epoch 2           | has no option '--epoch'; did you mean '--epochs'?
          train -x                  | alexnet train has no option '-x' (see
          describe x                | 'x' is one argument too many for alexnet describe
          data                      | alexnet data needs a command; allowed: describe, feed, sheet, verify
          describe --batch 0        | batch is 0; allowed: 1 to 65,536
          describe --batch many     | --batch is 'many'; allowed: a whole number
          describe --purpose infr   | --purpose is 'infr'; did you mean 'infer'? allowed: train, infer, inspect
          compare one               | compare takes two runs, not 1; allowed: run folders or safetensors
          compare a b --tolerance=x | --tolerance is 'x'; allowed: a number
          test                      | tests are run by ./alexnet test
          kernels                   | alexnet kernels needs a command; allowed: bench, check, list, new
          """)
  void badUsageIsOneLineAndExit2(String arguments, String message) {
    Cli cli = Cli.run(arguments.split(" "));
    assertEquals(2, cli.code(), cli.err());
    assertEquals("", cli.out());
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().startsWith("alexnet: "), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
  }

  @Test
  void describeShowsTheScratchMemoryOfDevices() {
    Cli text = Cli.run("describe", "--batch", "1", "--width", "0.125", "--devices", "emu:0");
    assertEquals(0, text.code(), text.err());
    assertTrue(text.out().contains("workspace"), text.out());
    Cli plain = Cli.run("describe", "--batch", "1");
    assertTrue(plain.out().contains("scratch memory depends on the devices"), plain.out());
  }

  @Test
  void describePrintsTablesOrJson() {
    Cli text = Cli.run("describe", "--batch", "2");
    assertEquals(0, text.code(), text.err());
    assertTrue(text.out().contains("60,965,224"), text.out());
    assertEquals("", text.err());
    Cli json = Cli.run("describe", "--json");
    assertEquals(
        60_965_224L,
        JsonParser.parseString(json.out()).getAsJsonObject().get("parameters").getAsLong());
  }

  @Test
  void compareEndsWith0Or1OrSaysWhatIsMissing() throws Exception {
    Path a = Files.createDirectory(folder.resolve("a"));
    Path b = Files.createDirectory(folder.resolve("b"));
    Files.writeString(a.resolve("metrics.jsonl"), "{\"step\":1,\"loss\":2}\n");
    Files.writeString(b.resolve("metrics.jsonl"), "{\"step\":1,\"loss\":3}\n");
    Cli same = Cli.run("compare", a.toString(), a.toString());
    assertEquals(0, same.code());
    assertEquals("same: 1 records and 0 tensors\n", same.out());
    Cli different = Cli.run("compare", a.toString(), b.toString(), "--json");
    assertEquals(1, different.code());
    assertFalse(
        JsonParser.parseString(different.out()).getAsJsonObject().get("same").getAsBoolean());
    String text = "extends: demo\nname: demo\ntraining: {rate: %s}\n";
    Files.writeString(a.resolve("config.yaml"), String.format(Locale.ROOT, text, "0.01"));
    assertFalse(Cli.run("compare", a.toString(), b.toString()).out().contains("setting"));
    Files.writeString(b.resolve("config.yaml"), String.format(Locale.ROOT, text, "0.02"));
    Cli settings = Cli.run("compare", a.toString(), b.toString());
    assertEquals(1, settings.code(), settings.err());
    assertTrue(settings.out().contains("\nsetting training.rate: 0.01 and 0.02\n"), settings.out());
    Cli missing = Cli.run("compare", a.toString(), folder.resolve("no").toString());
    assertEquals(5, missing.code(), "1 would say that the runs differ");
    String line = "alexnet: no such run folder: " + folder.resolve("no") + "; ";
    assertTrue(missing.err().startsWith(line), missing.err());
  }

  @Test
  void everyCommandHasHelp() {
    Cli all = Cli.run("--help");
    assertEquals(0, all.code());
    List<String> commands =
        List.of(
            "demo",
            "train",
            "eval",
            "predict",
            "activations",
            "describe",
            "devices",
            "kernels",
            "compare",
            "bench",
            "test");
    for (String command : commands) {
      assertTrue(all.out().contains(command), all.out());
      Cli help = Cli.run(command, "--help");
      assertEquals(0, help.code());
      assertTrue(help.out().startsWith("Usage: ./alexnet "), help.out());
    }
  }
}
