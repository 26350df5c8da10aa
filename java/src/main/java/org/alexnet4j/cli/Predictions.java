package org.alexnet4j.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Evaluator;
import org.alexnet4j.eval.Views;

/** Classifies the images of a data set, one by one in their order. */
final class Predictions {
  private Predictions() {}

  /** One guess. */
  record Guess(String name, double probability) {}

  /**
   * What an image was taken for.
   *
   * @param image its name
   * @param label its own class, or -1 if unknown
   * @param guesses by falling probability
   */
  record Prediction(String image, int label, List<Guess> guesses) {}

  /**
   * Classifies the first images of a set.
   *
   * @param count at most this many
   * @param top guesses per image
   */
  static List<Prediction> of(LoadedNetwork network, Dataset images, int count, Views views, int top)
      throws IOException {
    List<Prediction> predictions = new ArrayList<>();
    Evaluator evaluator = new Evaluator(network.towers(), views);
    int batch = network.towers().plan().batch();
    int classes = network.towers().plan().spec().classes();
    Augmentation centre = Augmentation.centre(network.configuration().network().inputSize());
    try (BatchLoader loader =
        BatchLoader.sequential(images, batch).threads(1).augmentation(centre)) {
      Batch next = loader.next();
      while (next != null && predictions.size() < count) {
        float[] probabilities = evaluator.probabilities(next);
        for (int i = 0; i < next.count() && predictions.size() < count; i++) {
          List<Guess> guesses = new ArrayList<>();
          int[] ranked = Evaluator.ranked(probabilities, i * classes, classes);
          for (int k = 0; k < Math.min(top, classes); k++) {
            double probability = probabilities[i * classes + ranked[k]];
            guesses.add(new Guess(network.className(ranked[k]), probability));
          }
          int index = next.indices()[i];
          predictions.add(new Prediction(images.name(index), images.label(index), guesses));
        }
        next = loader.next();
      }
    }
    return predictions;
  }
}
