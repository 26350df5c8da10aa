package org.alexnet4j.eval;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;

/**
 * Says what is in images; {@link Network#predictor} makes it.
 *
 * <p>An image is brought to the side of the stored images and read through its centre window, or
 * through ten, as in evaluation.
 *
 * <p>Threads: any, several at a time. Each decodes images by itself; batches of all threads take
 * turns on the devices, in the order in which they come. What a call returns depends on its images
 * alone, not on other calls. After the network was closed a call is an {@link
 * IllegalStateException}.
 */
public final class Predictor {
  private final Network network;
  private final Evaluator evaluator; // used by who holds the network's turn

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

  Predictor(Network network, Views views) {
    this.network = network;
    this.evaluator = new Evaluator(network.towers(), views);
  }

  /**
   * {@return all classes by falling probability}
   *
   * @param image a file (JPEG, PNG, GIF, BMP, TIFF, PNM)
   * @throws DataException if it is missing or damaged
   */
  public List<Guess> predict(Path image) throws IOException {
    return predict(List.of(image)).get(0).guesses();
  }

  /**
   * {@return the same for a picture in memory}
   *
   * @param image of any size
   * @throws IOException if the network has no mean
   */
  public List<Guess> predict(BufferedImage image) throws IOException {
    try (Dataset one = Datasets.pictures(List.of(image), network.sourceSize())) {
      return predict(one, 1, network.classCount()).get(0).guesses();
    }
  }

  /**
   * {@return all classes of each image by falling probability, in the order of the images} They are
   * decoded ahead and looked at batch by batch.
   *
   * @param images files; none give none
   * @throws DataException if one of them is missing or damaged; it is named, and nothing is
   *     returned for the others
   */
  public List<Prediction> predict(List<Path> images) throws IOException {
    try (Dataset files = Datasets.files(List.copyOf(images), network.sourceSize())) {
      return predict(files, images.size(), network.classCount());
    }
  }

  /**
   * Classifies the first images of a set, as the set names them.
   *
   * @param images stored at the side that the network reads
   * @param count at most this many, 0 or more
   * @param top guesses per image, 1 or more; no more than there are classes
   * @return guesses of each image, in the order of the set
   * @throws IllegalArgumentException if images have another side or a number is not allowed
   * @throws IOException if an image cannot be read
   */
  public List<Prediction> predict(Dataset images, int count, int top) throws IOException {
    require(images, count, top);
    network.enter("predict");
    try {
      return Math.min(count, images.size()) == 0 ? List.of() : batches(images, count, top);
    } finally {
      network.leave();
    }
  }

  private void require(Dataset images, int count, int top) {
    if (network.classes().isEmpty()) {
      throw new IllegalArgumentException(
          "these weights are the first layers of a network and tell no classes; allowed: features,"
              + " similar, or weights of all layers");
    }
    if (images.source() != network.sourceSize()) {
      throw new IllegalArgumentException(
          "images are stored at "
              + images.source()
              + " pixels; allowed: "
              + network.sourceSize()
              + ", as the network reads them");
    }
    if (count < 0 || top < 1) {
      throw new IllegalArgumentException(
          count + " images, " + top + " guesses of each; allowed: 0 or more, 1 or more");
    }
  }

  /**
   * Hands over the probabilities of all classes for all images of a set, in their order.
   *
   * @param images stored at the side that the network reads
   * @param rows takes them, in this thread
   * @throws IllegalArgumentException if images have another side
   * @throws IOException if an image cannot be read, or what {@code rows} throws
   */
  public void forEach(Dataset images, ProbabilityRows rows) throws IOException {
    require(images, images.size(), 1);
    network.enter("predict");
    try {
      if (images.size() > 0) {
        over(images, images.size(), rows);
      }
    } finally {
      network.leave();
    }
  }

  private List<Prediction> batches(Dataset images, int count, int top) throws IOException {
    List<Prediction> predictions = new ArrayList<>();
    over(
        images,
        count,
        (first, rows, probabilities) -> {
          for (int i = first; i < Math.min(count, first + rows); i++) {
            List<Guess> guesses = guesses(probabilities, i - first, top);
            predictions.add(new Prediction(images.name(i), images.label(i), guesses));
          }
        });
    return predictions;
  }

  /** Looks at whole batches until {@code count} images were among them. */
  private void over(Dataset images, int count, ProbabilityRows rows) throws IOException {
    int batch = network.towers().plan().batch();
    Augmentation centre = Augmentation.centre(network.configuration().network().inputSize());
    int seen = 0;
    try (BatchLoader loader = loader(images, Math.min(batch, count), centre)) {
      for (Batch next = loader.next(); next != null && seen < count; next = loader.next()) {
        rows.at(seen, next.count(), probabilities(next));
        seen += next.count();
      }
    }
  }

  private static BatchLoader loader(Dataset images, int batch, Augmentation centre) {
    BatchLoader loader = BatchLoader.sequential(images, batch).augmentation(centre);
    return images.size() == 1 ? loader.threads(1) : loader;
  }

  /** Returns the probabilities of a batch, {@code [count,classes]}, in memory of its own. */
  private float[] probabilities(Batch batch) {
    network.turn().lock();
    try {
      return evaluator.probabilities(batch).clone();
    } finally {
      network.turn().unlock();
    }
  }

  private List<Guess> guesses(float[] probabilities, int row, int top) {
    int classes = network.classCount();
    List<Guess> guesses = new ArrayList<>();
    int[] ranked = Evaluator.ranked(probabilities, row * classes, classes);
    for (int k = 0; k < Math.min(top, classes); k++) {
      double probability = probabilities[row * classes + ranked[k]];
      guesses.add(new Guess(network.className(ranked[k]), probability));
    }
    return guesses;
  }
}
