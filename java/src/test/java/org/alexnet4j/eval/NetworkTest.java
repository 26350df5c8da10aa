package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.Towers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Java program that wants to know what is in pictures, alone and from many threads. */
final class NetworkTest {
  private static final int STORED = 32;
  private static final int WINDOW = 28;
  private static final int PICTURES = 9;
  private static final int CLASSES = 10;

  @TempDir static Path folder;

  private static Path run;
  private static final List<Path> FILES = new ArrayList<>();

  @BeforeAll
  static void trainTwoRuns() throws IOException {
    TinyRun.train(folder, "run", "--steps", "2", "--inspect", "0");
    TinyRun.train(folder, "other", "--steps", "2", "--inspect", "0", "--seed", "7");
    run = folder.resolve("run");
    FILES.clear();
    for (int i = 0; i < PICTURES; i++) {
      Path file = folder.resolve(i + ".png");
      ImageIO.write(picture(i), "png", file.toFile());
      FILES.add(file);
    }
  }

  @AfterEach
  void nothingIsLeftOnDevices() {
    assertEquals(0, Devices.liveHandles());
  }

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

  /** Returns the mean probabilities over windows given as top, left and flip, by class. */
  private static double[] expected(Towers towers, Path file, int[][] windows) throws IOException {
    ByteBuffer pixels = ByteBuffer.allocateDirect(3 * STORED * STORED);
    try (Dataset one = Datasets.files(List.of(file), STORED)) {
      one.read(0, pixels);
    }
    double[] mean = new double[CLASSES];
    for (int[] window : windows) {
      towers.load(1, pixels.duplicate().clear(), window, null, null);
      towers.evaluate();
      float[] one = towers.probabilities();
      for (int c = 0; c < CLASSES; c++) {
        mean[c] += (double) one[c] / windows.length;
      }
    }
    return mean;
  }

  private static int[][] tenWindows() {
    int far = STORED - WINDOW;
    int[][] places = {{0, 0}, {0, far}, {far, 0}, {far, far}, {far / 2, far / 2}};
    return IntStream.range(0, 10)
        .mapToObj(view -> new int[] {places[view % 5][0], places[view % 5][1], view / 5})
        .toArray(int[][]::new);
  }

  private static void assertProbabilities(
      double[] expected, List<Predictor.Guess> guesses, List<String> classes) {
    assertEquals(CLASSES, guesses.size());
    for (int k = 0; k < CLASSES; k++) {
      Predictor.Guess guess = guesses.get(k);
      // The sum of ten values below 1 in float32.
      assertEquals(expected[classes.indexOf(guess.name())], guess.probability(), 1e-6);
      assertTrue(k == 0 || guesses.get(k - 1).probability() >= guess.probability());
    }
  }

  @Test
  void probabilitiesAreThoseOfTheWindows() throws IOException {
    int middle = (STORED - WINDOW) / 2;
    try (Network network = Network.open(run, Network.Options.DEFAULT.withBatch(4))) {
      List<Predictor.Prediction> centre = network.predict(FILES);
      List<Predictor.Prediction> ten = network.predictor(Views.TEN).predict(FILES);
      for (int i = 0; i < PICTURES; i++) {
        assertEquals(FILES.get(i).toString(), centre.get(i).image());
        double[] one = expected(network.towers(), FILES.get(i), new int[][] {{middle, middle, 0}});
        assertProbabilities(one, centre.get(i).guesses(), network.classes());
        double[] all = expected(network.towers(), FILES.get(i), tenWindows());
        assertProbabilities(all, ten.get(i).guesses(), network.classes());
        assertEquals(centre.get(i).guesses(), network.predict(FILES.get(i)));
        assertEquals(centre.get(i).guesses(), network.predictor(Views.CENTRE).predict(picture(i)));
      }
      assertEquals(List.of(), network.predict(List.of()));
      assertEquals(List.of(), network.notes());
    }
  }

  @Test
  void twoNetworksOfOneProgramDoNotMix() throws IOException {
    List<Predictor.Prediction> first;
    List<Predictor.Prediction> second;
    try (Network alone = Network.open(run)) {
      first = alone.predict(FILES);
    }
    try (Network alone = Network.open(folder.resolve("other"))) {
      second = alone.predict(FILES);
    }
    assertNotEquals(first, second);
    Path checkpoint = new RunFolder(run).latest().orElseThrow();
    try (Network one = Network.open(checkpoint, Network.Options.DEFAULT.withDevices("cpu:0"));
        Network two = Network.open(folder.resolve("other"))) {
      for (int i = 0; i < PICTURES; i++) {
        assertEquals(first.get(i).guesses(), one.predict(FILES.get(i)));
        assertEquals(second.get(i).guesses(), two.predict(FILES.get(i)));
      }
    }
  }

  @Test
  void twoNetworksOfOneProgramMayDifferInEngine() throws IOException {
    Network.Options options = Network.Options.DEFAULT.withDevices("cpu:0");
    try (Network ours = Network.open(run, options.withEngine(EngineKind.KERNELS));
        Network theirs = Network.open(run, options.withEngine(EngineKind.ONEDNN))) {
      assertEquals(ours.predict(FILES), ours.predict(FILES));
      assertEquals(EngineKind.KERNELS, ours.towers().engines().get(0));
      assertEquals(EngineKind.ONEDNN, theirs.towers().engines().get(0));
      // A logit is a sum of sums of 75, 144, 576 and 16 terms in another order.
      double roundings = 811 * 0x1p-24;
      for (Path file : FILES) {
        Predictor.Guess best = ours.predict(file).get(0);
        double other =
            theirs.predict(file).stream()
                .filter(guess -> guess.name().equals(best.name()))
                .findFirst()
                .orElseThrow()
                .probability();
        assertEquals(best.probability(), other, roundings);
      }
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> Network.open(run, options.withEngine(EngineKind.CUDNN)));
  }

  @Test
  void threadsTakeTurns() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Network network = Network.open(run, Network.Options.DEFAULT.withBatch(2))) {
      List<Predictor.Prediction> alone = network.predict(FILES);
      Predictor centre = network.predictor(Views.CENTRE);
      List<Future<List<Predictor.Prediction>>> lists = new ArrayList<>();
      List<Future<List<Predictor.Guess>>> singles = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        int index = i % PICTURES;
        lists.add(
            threads.submit(
                () -> (index % 2 == 0 ? network.predict(FILES) : centre.predict(FILES))));
        singles.add(threads.submit(() -> network.predict(FILES.get(index))));
      }
      for (int i = 0; i < 16; i++) {
        assertEquals(alone, lists.get(i).get());
        assertEquals(alone.get(i % PICTURES).guesses(), singles.get(i).get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Images of which the first waits until it may be read. */
  private record Slow(Dataset images, CountDownLatch begun, CountDownLatch go) implements Dataset {
    @Override
    public int size() {
      return images.size();
    }

    @Override
    public List<String> classes() {
      return images.classes();
    }

    @Override
    public int label(int index) {
      return images.label(index);
    }

    @Override
    public String name(int index) {
      return images.name(index);
    }

    @Override
    public int source() {
      return images.source();
    }

    @Override
    public void read(int index, ByteBuffer to) throws IOException {
      begun.countDown();
      try {
        assertTrue(go.await(60, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      images.read(index, to);
    }

    @Override
    public void close() throws IOException {
      images.close();
    }
  }

  @Test
  void aCloseWaitsForWhoPredicts() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    Slow slow =
        new Slow(Datasets.files(FILES, STORED), new CountDownLatch(1), new CountDownLatch(1));
    Network network = Network.open(run, Network.Options.DEFAULT.withBatch(2));
    Predictor predictor = network.predictor(Views.CENTRE);
    try {
      List<Predictor.Prediction> alone = network.predict(FILES);
      Future<List<Predictor.Prediction>> predicted =
          threads.submit(() -> predictor.predict(slow, PICTURES, CLASSES));
      assertTrue(slow.begun.await(60, TimeUnit.SECONDS));
      Future<?> closed = threads.submit(network::close);
      long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      IllegalStateException refused = null;
      while (refused == null && System.nanoTime() < patience) {
        try {
          network.predict(FILES.get(0)); // the close may not have begun
        } catch (IllegalStateException e) {
          refused = e;
        }
      }
      assertEquals("predict: the network is closed", String.valueOf(refused.getMessage()));
      assertFalse(closed.isDone());
      slow.go.countDown();
      assertEquals(alone, predicted.get(60, TimeUnit.SECONDS));
      closed.get(60, TimeUnit.SECONDS);
      assertThrows(IllegalStateException.class, () -> predictor.predict(picture(0)));
      network.close();
      assertThrows(IllegalStateException.class, () -> network.towers().evaluate());
    } finally {
      slow.go.countDown();
      threads.shutdown();
      network.close();
    }
  }

  @Test
  void oddFilesAreNamedAndTheNetworkGoesOn() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.png"));
    Path text = Files.writeString(folder.resolve("text.jpg"), "no picture");
    byte[] whole = Files.readAllBytes(FILES.get(0));
    Path cut = Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, whole.length / 2));
    try (Network network = Network.open(run, Network.Options.DEFAULT.withBatch(4))) {
      List<Predictor.Prediction> before = network.predict(FILES);
      for (Path odd : List.of(empty, text, cut, folder, folder.resolve("no.png"))) {
        List<Path> among = new ArrayList<>(FILES);
        among.add(6, odd);
        DataException e = assertThrows(DataException.class, () -> network.predict(among));
        assertTrue(e.where().contains(odd.toString()), e.getMessage());
        assertThrows(DataException.class, () -> network.predict(odd));
      }
      assertEquals(before, network.predict(FILES));
      try (Dataset larger = Datasets.files(FILES, 64)) {
        Predictor predictor = network.predictor(Views.TEN);
        assertThrows(IllegalArgumentException.class, () -> predictor.predict(larger, 1, 1));
      }
    }
  }

  @Test
  void whatCannotBeOpenedIsNamed() throws IOException {
    Path nothing = Files.createDirectories(folder.resolve("nothing"));
    FormatException e = assertThrows(FormatException.class, () -> Network.open(nothing));
    assertTrue(e.getMessage().contains("has no checkpoint"), e.getMessage());
    assertThrows(IOException.class, () -> Network.open(folder.resolve("no")));
    assertThrows(IOException.class, () -> Network.open(FILES.get(0)));
    Network.Options nowhere = Network.Options.DEFAULT.withDevices("gpu:0");
    assertThrows(IllegalArgumentException.class, () -> Network.open(run, nowhere));
    assertThrows(IllegalArgumentException.class, () -> Network.Options.DEFAULT.withBatch(0));
  }

  @Test
  void aDamagedCheckpointIsNoted() throws IOException {
    Path copy = folder.resolve("copy");
    TinyRun.copy(run, copy);
    Path checkpoint = new RunFolder(copy).latest().orElseThrow();
    Path cut = checkpoint.resolveSibling("step-00000099.safetensors");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(checkpoint), 1000));
    try (Network older = Network.open(copy)) {
      assertTrue(older.notes().get(0).contains(cut.getFileName().toString()), "" + older.notes());
      assertEquals(CLASSES, older.predict(FILES.get(0)).size());
    }
  }
}
