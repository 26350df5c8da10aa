package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a person names a run, images and results, and what is said where nothing has that name. */
final class RunNamesTest {
  @TempDir Path folder;

  @BeforeEach
  void train() throws IOException {
    TinyRun.train(folder, "run", "--steps", "2", "--inspect", "0");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Cli run(String line) {
    return Cli.run(line.split(" "));
  }

  private void picture(String name) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    image.setRGB(3, 3, 0xff8000);
    ImageIO.write(image, "png", folder.resolve(name).toFile());
  }

  private static void assertRefused(Cli cli, int code, String text) {
    assertEquals(code, cli.code(), cli.err());
    assertTrue(cli.err().contains(text), cli.err());
    assertEquals("", cli.out());
  }

  @Test
  void aRunIsAnArgumentOrAnOption() throws IOException {
    picture("a.png");
    String run = path("run");
    for (String command :
        List.of(
            "eval RUN --data " + TinyRun.DATA,
            "predict RUN " + path("a.png"),
            "report RUN",
            "similar RUN --image " + path("a.png") + " --data " + TinyRun.DATA,
            "features RUN --out " + path("f.npy") + " --data " + TinyRun.DATA)) {
      Cli argument = run(command.replace("RUN", run));
      Cli option = run(command.replace("RUN", "--run " + run));
      assertEquals(0, argument.code(), argument.err());
      assertEquals(0, option.code(), option.err());
      assertEquals(
          argument.out().replaceAll("[0-9.]+ images/s", ""),
          option.out().replaceAll("[0-9.]+ images/s", ""));
      if (!command.startsWith("report")) {
        Cli both = run(command.replace("RUN", run + " --run " + path("other")));
        assertEquals(2, both.code(), command + ": " + both.err());
        assertTrue(both.err().contains("; allowed: one"), both.err());
      }
    }
    assertEquals(0, run("compare " + run + " --run " + run).code());
    assertEquals(0, run("train --resume " + run + " --steps 3 --inspect 0").code());
    assertRefused(
        run("train " + run + " --data " + TinyRun.DATA),
        2,
        "which is for --resume; a new run goes");
    assertRefused(run("eval --data x"), 2, "missing: a run folder, or --weights FILE");
    assertRefused(
        run("eval " + run + " --weights x --data y"),
        2,
        "and --weights is x; allowed: one of them");
  }

  @Test
  void whatIsNotThereIsNamedWithWhatIs() {
    Cli cli = run("eval " + path("rnu") + " --data " + TinyRun.DATA);
    assertRefused(
        cli,
        5,
        "no such run folder: " + path("rnu") + "; did you mean 'run'? runs in " + folder + ": run");
    assertRefused(run("similar " + path("no") + " --image x --data y"), 5, "no such run folder");
    assertRefused(run("features " + path("no") + " --out f.npy --data y"), 5, "no such run folder");
    assertRefused(run("predict " + path("no") + " x.png"), 5, "no such run folder");
    assertRefused(run("report " + path("no")), 5, "no such run folder");
  }

  @Test
  void theLastLineNamesThePage() {
    String page = "page: " + path("run/report.html");
    Cli again = run("train --resume " + path("run") + " --steps 4 --inspect 0");
    assertEquals(page, again.out().lines().reduce((a, b) -> b).orElse(""), again.err());
    assertEquals(page + "\n", run("report " + path("run")).out());
  }

  @Test
  void predictTakesFoldersAndPatterns() throws IOException {
    picture("photos/b.png");
    picture("photos/a.PNG");
    picture("photos/deeper/c.png");
    Files.writeString(folder.resolve("photos/notes.txt"), "x");
    Cli cli = run("predict " + path("run") + " " + path("photos") + " --top 1");
    assertEquals(0, cli.code(), cli.err());
    assertEquals(
        List.of(path("photos/a.PNG"), path("photos/b.png")),
        cli.out().lines().skip(1).map(line -> line.split("  ")[0]).toList());
    assertTrue(cli.err().contains("2 images; left out: deeper/, notes.txt"), cli.err());
    assertEquals(2, lines(run("predict " + path("run") + " " + path("photos/*.png") + " --top 1")));
    Files.createDirectory(folder.resolve("empty"));
    assertRefused(run("predict " + path("run") + " " + path("empty")), 3, "is empty");
    assertRefused(run("predict " + path("run") + " " + path("*.xyz")), 3, "no such file, and no");
    assertRefused(run("predict " + path("run") + " " + path("no.png")), 3, "no such file");
    assertRefused(run("predict " + path("run")), 2, "missing: IMAGE");
  }

  private static long lines(Cli cli) {
    return cli.out().lines().count();
  }

  @Test
  void resultsThatCannotBeWrittenAreRefusedBeforeTheWork() throws IOException {
    Files.createDirectory(folder.resolve("dir.npy"));
    String features = "features " + path("run") + " --data " + TinyRun.DATA + " --out ";
    assertRefused(run(features + path("f.csv")), 2, "allowed: a file that ends in .npy");
    assertRefused(run(features + path("dir.npy")), 2, "it is a folder; allowed: a file");
    assertRefused(run(features + path("no/f.npy")), 2, "there is no such folder");
    assertRefused(
        run("activations " + path("run") + " --input x.npy --out " + path("no/a.st")),
        2,
        "there is no such folder");
    assertRefused(run("report " + path("run") + " --out page.pdf"), 2, "ends in .html");
    assertRefused(run("data sheet synthetic: --out s.gif"), 2, "allowed: .png, .jpg or .jpeg");
    assertRefused(run("bench --trace " + path("no/t.json")), 2, "--trace is");
    assertRefused(run("kernels bench --save " + path("no/t.json")), 2, "--save is");
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(3, files.count(), "the run, its configuration, the folder made here");
    }
  }
}
