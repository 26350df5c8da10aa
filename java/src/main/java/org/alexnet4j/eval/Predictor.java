package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.run.NewestCheckpoint;
import org.alexnet4j.run.RunFolder;

/**
 * Says what is in images, by a network that {@code train} made.
 *
 * <p>An image is brought to the side of the stored images and read through its centre window, or
 * through ten, as in training. Any thread may call; calls wait for each other, as there is one
 * network. The owner closes it, which frees the memory of the devices.
 */
public final class Predictor implements AutoCloseable {
  private final Network network;
  private final Evaluator evaluator;
  private final ImmutableList<String> notes;

  /**
   * A class and how likely it is.
   *
   * @param name of the class
   * @param probability in [0, 1]; those of all classes add up to 1
   */
  public record Guess(String name, double probability) {}

  /**
   * What an image was taken for.
   *
   * @param image its name
   * @param label its own class, or -1 if unknown
   * @param guesses by falling probability
   */
  public record Prediction(String image, int label, List<Guess> guesses) {}

  private Predictor(Network network, Views views, List<String> notes) {
    this.network = network;
    this.notes = ImmutableList.copyOf(notes);
    this.evaluator = new Evaluator(network.towers(), views);
  }

  /**
   * Opens the newest checkpoint of a run, or a checkpoint, on a GPU or else on the CPU. Where newer
   * ones cannot be used, {@link #notes} says why.
   *
   * @throws IOException if there is none or it is damaged
   */
  public static Predictor open(Path runOrCheckpoint) throws IOException {
    return open(runOrCheckpoint, "auto");
  }

  /**
   * The same on devices of one's choice, one for all towers or one per tower.
   *
   * @param devices as {@code --devices}: {@code cpu:0}, {@code cuda:0,cuda:1}, {@code auto}
   * @throws IllegalArgumentException if there are no such devices
   */
  public static Predictor open(Path runOrCheckpoint, String devices) throws IOException {
    Path file = runOrCheckpoint;
    List<String> notes = new ArrayList<>();
    if (Files.isDirectory(file)) {
      file =
          NewestCheckpoint.find(new RunFolder(file), notes::add)
              .orElseThrow(
                  () -> new FormatException(runOrCheckpoint, "run folder", "has no checkpoint"))
              .file();
    }
    Network.Source source = Network.Source.read(file, Optional.empty());
    return open(source, Devices.choose(devices, source.towers()), 1, Views.CENTRE, notes);
  }

  /**
   * The same with everything that can be decided.
   *
   * @param source which network with which weights
   * @param devices one per tower
   * @param batch images that are looked at together
   * @param views windows of an image, whose probabilities are averaged
   */
  public static Predictor open(
      Network.Source source, Devices.Choice devices, int batch, Views views) throws IOException {
    return open(source, devices, batch, views, List.of());
  }

  private static Predictor open(
      Network.Source source, Devices.Choice devices, int batch, Views views, List<String> notes)
      throws IOException {
    Network network = source.open(devices, batch, Purpose.INFER, 0);
    try {
      return new Predictor(network.requireMean(source.file()), views, notes);
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /** Returns why newer checkpoints of the run are not used; empty if the newest one is. */
  public ImmutableList<String> notes() {
    return notes;
  }

  /** Returns the names of the classes in the order of their labels. */
  public List<String> classes() {
    return network.classes();
  }

  /**
   * Returns all classes by falling probability.
   *
   * @param image a file (JPEG, PNG, GIF, BMP, TIFF)
   * @throws DataException if it is missing or damaged
   */
  public List<Guess> predict(Path image) throws IOException {
    try (Dataset one = Datasets.files(List.of(image), sourceSize())) {
      return all(one);
    }
  }

  /** The same for a picture in memory. */
  public List<Guess> predict(BufferedImage image) throws IOException {
    try (Dataset one = Datasets.pictures(List.of(image), sourceSize())) {
      return all(one);
    }
  }

  private List<Guess> all(Dataset one) throws IOException {
    return predict(one, 1, Math.max(1, network.towers().plan().spec().classes())).get(0).guesses();
  }

  private int sourceSize() {
    return network.configuration().network().sourceSize();
  }

  /**
   * Classifies the first images of a set.
   *
   * @param count at most this many
   * @param top guesses per image
   */
  public synchronized List<Prediction> predict(Dataset images, int count, int top)
      throws IOException {
    List<Prediction> predictions = new ArrayList<>();
    int batch = network.towers().plan().batch();
    Augmentation centre = Augmentation.centre(network.configuration().network().inputSize());
    try (BatchLoader loader =
        BatchLoader.sequential(images, batch).threads(1).augmentation(centre)) {
      Batch next = loader.next();
      while (next != null && predictions.size() < count) {
        float[] probabilities = evaluator.probabilities(next);
        for (int i = 0; i < next.count() && predictions.size() < count; i++) {
          int index = next.indices()[i];
          predictions.add(
              new Prediction(
                  images.name(index), images.label(index), guesses(probabilities, i, top)));
        }
        next = loader.next();
      }
    }
    return predictions;
  }

  private List<Guess> guesses(float[] probabilities, int row, int top) {
    int classes = network.towers().plan().spec().classes();
    List<Guess> guesses = new ArrayList<>();
    int[] ranked = Evaluator.ranked(probabilities, row * classes, classes);
    for (int k = 0; k < Math.min(top, classes); k++) {
      double probability = probabilities[row * classes + ranked[k]];
      guesses.add(new Guess(network.className(ranked[k]), probability));
    }
    return guesses;
  }

  /** Returns the name of a class, or its number where the file has no names. */
  public String className(int label) {
    return network.className(label);
  }

  @Override
  public synchronized void close() {
    network.close();
  }
}
