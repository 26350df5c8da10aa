package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.io.NpyWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options and settings that could do nothing are refused, and what is missing has its code. */
final class IdleOptionsTest {
  @TempDir static Path folder;

  @BeforeAll
  static void train() throws IOException {
    TinyRun.train(folder, "run", "--steps", "2", "--inspect", "0");
    NpyWriter.writeFloats(folder.resolve("x.npy"), new float[28 * 28 * 3], 1, 28, 28, 3);
    Files.writeString(folder.resolve("text"), "no array");
    Files.writeString(folder.resolve("cut.npy"), "no array");
    Files.createDirectories(folder.resolve("empty"));
    Files.writeString(
        folder.resolve("five.yaml"),
        "extends: cifar10-80sec\nnetwork: {layers: {fc5: {units: 5}}}\n");
  }

  private static Cli run(String line) {
    return Cli.run(line.replace("TRAIN", TRAIN).replace("@", folder + "/").split(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "eval @run --width 2 --data synthetic:test=40 | --width is 2.0, but the weights have their widths",
        "predict @run --width 2 @text | --width is 2.0, but the weights have their widths",
        "activations @run --width 2 --input @x.npy --out @a.st | --width is 2.0, but the weights",
        "eval @run --set training.rate=1 --data synthetic:test=40 | --set is training.rate=1, which changes nothing that weights compute",
        "describe --diff demo figure-1 --set training.rate=1 | --set is training.rate=1, but --diff names both",
        "describe --diff demo figure-1 --exchange | --exchange has no effect beside --diff",
        "describe --diff demo figure-1 --batch 3 | --batch has no effect beside --diff",
        "describe --exchange --devices cpu:0 | --devices has no effect beside --exchange",
        "describe --slices 2 --devices cpu:0 | --devices has no effect beside --slices",
        "describe --slices 2 --link 3 | --link has no effect beside --slices",
        "describe --gflops 5 | --gflops is for --exchange",
        "data sheet synthetic: --width 2 --out @s.png | --width is 2.0, which changes no image",
        "data feed synthetic: --width 2 | --width is 2.0, which changes no image",
        "TRAIN --force --steps 1 | --force is for --resume",
        "TRAIN --explain -1 --steps 1 | --explain is -1; allowed: steps from 0",
        "TRAIN --explain 1,7 --steps 2 | step 7, which is to be explained, is not done; allowed: 0 to 1",
        "train --resume @run --explain 1 --steps 3 | step 1, which is to be explained, is not done",
        "report @run --images 5 | --images needs --data",
        "report @run --devices cpu:0 | the choice of devices needs --data",
        "report @run --loader-threads 2 | the choice of devices needs --data",
        "TRAIN --classes 0 | --classes is 0; allowed: 2 or more",
        "eval @run --data synthetic: --classes -3 | --classes is -3; allowed: 2 or more",
      })
  void whatCouldDoNothingIsRefused(String line, String text) {
    Cli cli = run(line);
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(text), cli.err());
    assertFalse(Files.exists(folder.resolve("new")));
  }

  @ParameterizedTest
  @CsvSource({
    "activations @run --input @nosuch.npy --out @a.st, 3",
    "activations @run --input @nosuch --out @a.st, 3",
    "activations @run --input @text --out @a.st, 3",
    "activations @run --input @cut.npy --out @a.st, 3",
    "activations @run --input @empty --out @a.st, 3",
    "activations @run --input @x.npy --labels @nosuch --out @a.st, 3",
    "activations @run --input @x.npy --labels @text --out @a.st, 3",
    "report @nosuch, 5",
    "report @empty, 5",
    "compare @nosuch @run, 5",
    "compare @run @empty, 5",
    "train --resume @nosuch, 5",
    "eval @nosuch --data synthetic:, 5",
  })
  void whatIsMissingOrBrokenHasItsCode(String line, int code) {
    Cli cli = run(line);
    assertEquals(code, cli.code(), cli.err());
    assertFalse(cli.err().contains("Exception"), cli.err());
  }

  @Test
  void unitsThatAFileStatesAreThoseOfTheData() throws IOException {
    String text = "units is 5, and synthetic:train=60,test=40 has 10 classes; allowed: 10";
    Cli refused = run("TRAIN --steps 1".replace("TRAIN", TRAIN_FIVE));
    assertEquals(2, refused.code(), refused.err());
    assertTrue(refused.err().contains(text), refused.err());
    assertFalse(Files.exists(folder.resolve("new")));
    Cli weights = run("eval @run --config @five.yaml --data " + TinyRun.DATA);
    assertEquals(2, weights.code(), weights.err());
    assertTrue(weights.err().contains("units is 5, and " + folder), weights.err());
    Cli right = run((TRAIN_FIVE + " --steps 1 --inspect 0 --classes 5").replace("new", "five"));
    assertEquals(0, right.code(), right.err());
    Cli alone =
        run(
            "TRAIN --steps 1 --inspect 0 --classes 5"
                .replace("TRAIN", TRAIN.replace("new", "alone")));
    assertEquals(0, alone.code(), alone.err());
    assertTrue(
        alone.err().contains("fc4 has 5 units, one for each class of the data, not the"),
        alone.err());
  }

  private static final String TRAIN =
      "train --data " + TinyRun.DATA + " --config @tiny.yaml --devices cpu:0 --run @new";

  private static final String TRAIN_FIVE =
      "train --data " + TinyRun.DATA + " --config @five.yaml --batch 4 --devices cpu:0 --run @new";
}
