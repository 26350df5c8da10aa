package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The three lines of a Java program that wants to know what is in a picture. */
final class PredictorTest {
  @TempDir Path folder;

  private static BufferedImage picture(int seed) {
    BufferedImage image = new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 50; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    return image;
  }

  @Test
  void filesAndPicturesGiveTheProbabilitiesOfTheNetwork() throws Exception {
    TinyRun.train(folder, "run", "--steps", "2", "--inspect", "0");
    Path run = folder.resolve("run");
    Path file = folder.resolve("a.png");
    ImageIO.write(picture(1), "png", file.toFile());
    try (Predictor predictor = Predictor.open(run, "cpu:0")) {
      List<Predictor.Guess> guesses = predictor.predict(file);
      assertEquals(guesses, predictor.predict(picture(1)));
      assertEquals(10, guesses.size());
      assertEquals(
          new HashSet<>(predictor.classes()),
          new HashSet<>(guesses.stream().map(Predictor.Guess::name).toList()));
      assertEquals(1, guesses.stream().mapToDouble(Predictor.Guess::probability).sum(), 1e-5);
      for (int i = 1; i < guesses.size(); i++) {
        assertTrue(guesses.get(i - 1).probability() >= guesses.get(i).probability());
      }
      assertThrows(DataException.class, () -> predictor.predict(folder.resolve("no.png")));
      severalThreadsWaitForEachOther(predictor);
    }
    Path checkpoint = new RunFolder(run).latest().orElseThrow();
    try (Predictor one = Predictor.open(checkpoint, "cpu:0");
        Predictor two = Predictor.open(run)) {
      assertEquals(one.predict(file), two.predict(file));
      assertEquals(List.of(), two.notes());
    }
    Path cut = checkpoint.resolveSibling("step-00000099.safetensors");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(checkpoint), 1000));
    try (Predictor older = Predictor.open(run, "cpu:0")) {
      assertTrue(older.notes().get(0).contains(cut.getFileName().toString()), "" + older.notes());
      assertEquals(10, older.predict(file).size());
    }
    assertEquals(0, Devices.liveHandles());
  }

  private static void severalThreadsWaitForEachOther(Predictor predictor) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<Predictor.Guess>>> results =
          IntStream.range(0, 12)
              .mapToObj(i -> threads.submit(() -> predictor.predict(picture(i % 3))))
              .toList();
      for (int i = 0; i < 12; i++) {
        assertEquals(predictor.predict(picture(i % 3)), results.get(i).get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatIsNoRunIsNamed() throws IOException {
    FormatException e = assertThrows(FormatException.class, () -> Predictor.open(folder, "cpu:0"));
    assertTrue(e.getMessage().contains("has no checkpoint"), e.getMessage());
    assertThrows(IOException.class, () -> Predictor.open(folder.resolve("no"), "cpu:0"));
  }
}
