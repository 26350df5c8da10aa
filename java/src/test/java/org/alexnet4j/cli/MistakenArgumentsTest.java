package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Arguments that are well-formed and yet wrong: the message is about what the person wrote. */
final class MistakenArgumentsTest {
  @TempDir Path folder;

  @BeforeEach
  void train() throws IOException {
    TinyRun.train(folder, "run", "--steps", "2", "--inspect", "0");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static void assertRefused(int code, String text, String... arguments) {
    Cli cli = Cli.run(arguments);
    assertEquals(code, cli.code(), cli.err());
    assertTrue(cli.err().contains(text), cli.err());
    assertEquals("", cli.out());
  }

  private void image(String name) throws IOException {
    byte[] head = "P6 4 4 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] all = ByteBuffer.allocate(head.length + 48).put(head).array();
    Files.createDirectories(folder.resolve(name).getParent());
    Files.write(folder.resolve(name), all);
  }

  @Test
  void anOptionOfManyValuesTakesNoOtherOptionOrArgument() throws IOException {
    image("a.ppm");
    String[] asked = {"similar", "--data", TinyRun.DATA, "--image", path("a.ppm"), path("run")};
    Cli similar = Cli.run(asked);
    assertEquals(0, similar.code(), similar.err());
    assertRefused(
        2,
        "similar has no option '--epochs'",
        "similar",
        path("run"),
        "--data",
        TinyRun.DATA,
        "--image",
        path("a.ppm"),
        "--epochs",
        "x");
  }

  @Test
  void foldersOfEverySortOfImageAreTaken() throws IOException {
    image("photos/a.ppm");
    image("photos/b.PGM");
    image("photos/c.pbm");
    Files.move(folder.resolve("photos/b.PGM"), folder.resolve("photos/b.PPM"));
    Files.move(folder.resolve("photos/c.pbm"), folder.resolve("photos/c.pnm"));
    Cli predicted = Cli.run("predict", path("run"), path("photos"), "--top", "1");
    assertEquals(0, predicted.code(), predicted.err());
    assertEquals(3, predicted.out().lines().filter(line -> line.contains("photos")).count());
    assertFalse(predicted.err().contains("left out"), predicted.err());
  }

  @Test
  void dataOfOtherClassesAreNamedByTheirClasses() {
    assertRefused(
        3,
        TinyRun.DATA + "?classes=4: has 4 classes (",
        "train",
        "--resume",
        path("run"),
        "--data",
        TinyRun.DATA,
        "--classes",
        "4",
        "--steps",
        "3");
    assertRefused(
        3, "has 4 classes (", "eval", path("run"), "--data", TinyRun.DATA, "--classes", "4");
  }

  @Test
  void imagesOfAnotherSizeAreNamedByTheirSize() throws IOException {
    byte[] shape =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 64, 64, 3), }"
            .getBytes(StandardCharsets.US_ASCII);
    ByteBuffer file =
        ByteBuffer.allocate(10 + shape.length + 1 + 4 * 64 * 64 * 3).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.putShort((short) (shape.length + 1)).put(shape).put((byte) '\n');
    Files.write(folder.resolve("x.npy"), file.array());
    assertRefused(
        3,
        path("x.npy") + ": has images of 64 x 64; allowed: 28 x 28, as the network takes them",
        "activations",
        path("run"),
        "--input",
        path("x.npy"),
        "--out",
        path("a.safetensors"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--steps 5 --steps 6 | --steps is given more than once; allowed: once",
        "--batch 2 --batch=4 | --batch is given more than once; allowed: once",
        "--epochs 1 --steps 2 | --epochs and --steps exclude each other; allowed: one of them",
        "--epochs 0 | --epochs is 0; allowed: 1 or more",
        "--batch 0 | --batch is 0; allowed: 1 to 65,536",
        "--steps 0 | --steps is 0; allowed: 1 or more",
        "--set training.warmUp=2 --epochs 1 | training.warmUp is 2; allowed: less than 1",
      })
  void optionsAreNamedAsTheyWereWritten(String options, String message) {
    String line = "train --data " + TinyRun.DATA + " --preset demo --run " + path("new") + " ";
    Cli cli = Cli.run((line + options).split(" "));
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().startsWith("alexnet: " + message), cli.err());
    assertFalse(cli.err().contains("Error"), cli.err());
    assertFalse(cli.err().contains("run folder"), cli.err());
    assertFalse(Files.exists(folder.resolve("new")));
  }

  @Test
  void anEmptyNameIsNoRun() {
    String message = "RUN is empty; allowed: a run folder";
    assertRefused(2, message, "train", "--data", TinyRun.DATA, "--preset", "demo", "--run", "");
    assertRefused(2, message, "eval", "", "--data", TinyRun.DATA);
    assertRefused(2, message, "report", "");
  }

  @Test
  void whatIsNoRunIsCalledWhatItIs() throws IOException {
    Files.createDirectories(folder.resolve("images/cat"));
    Files.writeString(folder.resolve("file"), "x");
    assertRefused(
        5,
        path("images") + " is no run folder: it has no config.yaml",
        "train",
        "--resume",
        path("images"));
    assertRefused(
        5, path("file") + " is a file; allowed: a run folder", "train", "--resume", path("file"));
    assertRefused(
        5,
        path("run") + " is a folder; a run is named without --weights",
        "eval",
        "--weights",
        path("run"),
        "--data",
        TinyRun.DATA);
    assertRefused(5, "no such run folder: " + path("no"), "compare", path("no"), path("run"));
    assertRefused(
        2,
        path("file") + ": a file; allowed: two run folders, or two safetensors files",
        "compare",
        path("file"),
        path("run"));
  }

  @Test
  void helpIsUnderstoodAndSuggested() {
    assertEquals(Cli.run("--help").out(), Cli.run("help", "help").out());
    assertRefused(2, "there is no command 'hlep'; did you mean 'help'?", "hlep");
  }
}
