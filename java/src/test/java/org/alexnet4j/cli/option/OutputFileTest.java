package org.alexnet4j.cli.option;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No result is written over what a command reads, a run keeps, or a prepared set is made of. */
final class OutputFileTest {
  @TempDir Path folder;

  @BeforeEach
  void filesOfEveryKind() throws IOException {
    for (String part : List.of("train", "val")) {
      for (String name : List.of("ant", "bee")) {
        Path place = Files.createDirectories(folder.resolve("images").resolve(part).resolve(name));
        BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        image.setRGB(1, 1, name.hashCode());
        ImageIO.write(image, "png", place.resolve("0.png").toFile());
      }
    }
    TinyRun.train(folder, "run", "--steps", "2", "--inspect", "0");
    assertEquals(0, run("prepare images --out packed --side 32").code());
    NpyWriter.writeFloats(folder.resolve("x.npy"), new float[28 * 28 * 3], 1, 28, 28, 3);
    NpyWriter.writeFloats(folder.resolve("y.npy"), new float[1], 1);
    Files.copy(newest(), folder.resolve("w.st"));
    Files.copy(folder.resolve("tiny.yaml"), folder.resolve("tiny.json"));
    Files.createSymbolicLink(folder.resolve("link.npy"), folder.resolve("x.npy"));
    Files.createLink(folder.resolve("hard.json"), folder.resolve("tiny.json"));
    Files.createLink(folder.resolve("hard.st"), folder.resolve("run/metrics.jsonl"));
    Files.createSymbolicLink(folder.resolve("set"), folder.resolve("packed"));
  }

  private Path newest() throws IOException {
    return new RunFolder(folder.resolve("run")).latest().orElseThrow();
  }

  /** Runs a line in which every name of a file means one in the folder. */
  private Cli run(String line) {
    String[] words = line.split(" ");
    for (int i = 1; i < words.length; i++) {
      if (Files.exists(folder.resolve(words[i].split("/")[0])) || words[i - 1].equals("--out")) {
        words[i] = folder.resolve(words[i]).toString();
      }
    }
    return Cli.run(words);
  }

  private Map<String, byte[]> contents() throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }

  @Test
  void nothingThatIsThereIsWrittenOver() throws IOException {
    String checkpoint = folder.relativize(newest()).toString();
    String activations = "activations run --input x.npy --labels y.npy --out ";
    String features = "features run --data packed --out ";
    String train = "train --config tiny.json --data images --run new --trace ";
    Map<String, byte[]> before = contents();
    for (String line :
        List.of(
            activations + "x.npy",
            activations + "link.npy",
            activations + "y.npy",
            activations + "run/config.yaml",
            activations + "run/metrics.jsonl",
            activations + "hard.st",
            activations + checkpoint,
            activations + "run/checkpoints/other.safetensors",
            activations + "packed/passport.json",
            activations + "set/train/labels.npy",
            "activations --weights w.st --preset demo --input x.npy --out w.st",
            features + "packed/mean.npy",
            features + "packed/new.npy",
            features + "set/new.npy",
            "features run --data images --out images/train/new.npy",
            "features run --data synthetic: --out packed/train/labels.npy",
            train + "tiny.json",
            train + "hard.json",
            train + "images/new.json",
            train + "run/trace.json",
            "bench --config tiny.json --trace tiny.json",
            "bench --preset demo --trace images/val/ant/0.png",
            "bench --preset demo --trace run/env.json",
            "kernels bench --save images/val/ant/0.png",
            "kernels bench --save run/findings.json",
            "report run --out packed/page.html",
            "report run run --out run/report.html",
            "report run --data images --out images/page.html",
            "data sheet images --out images/train/ant/0.png",
            "data sheet images --out packed/sheet.png")) {
      Cli cli = run(line);
      assertEquals(2, cli.code(), line + ": " + cli.err());
      assertTrue(cli.err().contains("; allowed: a file "), line + ": " + cli.err());
    }
    Map<String, byte[]> after = contents();
    assertEquals(before.keySet(), after.keySet());
    before.forEach((name, bytes) -> assertArrayEquals(bytes, after.get(name), name));
  }

  @Test
  void whatIsBesideThemIsWritten() {
    for (String line :
        List.of(
            "activations run --input x.npy --out run/a.st",
            "features run --data packed --out f.npy",
            "features run --data packed --out f.npy",
            "report run --out run/report.html",
            "report run run --out both.html")) {
      Cli cli = run(line);
      assertEquals(0, cli.code(), line + ": " + cli.err());
    }
  }
}
