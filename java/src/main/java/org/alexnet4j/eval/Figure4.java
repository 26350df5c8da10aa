package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Findings.Example;
import org.alexnet4j.eval.Findings.Neighbours;
import org.alexnet4j.tower.Towers;

/**
 * The paper's figure 4. Left: eight held-out images with the five classes that the network finds
 * most probable. Right: five held-out images, and for each the six training images whose features
 * in the last hidden layer lie nearest to its own, by Euclidean distance, among all training
 * images.
 *
 * <p>The images are of different classes, at equal distances in their list: nobody picks them.
 *
 * @param examples the left half
 * @param neighbours the right half
 * @param layer in which distances are measured
 * @param trainImages among how many the neighbours are
 * @hidden
 */
public record Figure4(
    ImmutableList<Example> examples,
    ImmutableList<Neighbours> neighbours,
    String layer,
    int trainImages) {

  /**
   * Looks at the images.
   *
   * @param towers with a plan for INSPECT, parameters and mean written
   * @param heldOut labelled images, one or more
   * @param train labelled images
   * @param threads threads that read images
   * @param stop whether to give up, asked from batch to batch
   * @return guesses and nearest training images of each
   * @throws CancellationException if it was given up
   * @throws IOException if an image cannot be read
   */
  public static Figure4 of(
      Towers towers, Dataset heldOut, Dataset train, int threads, BooleanSupplier stop)
      throws IOException {
    Runnable between =
        () -> {
          if (stop.getAsBoolean()) {
            throw new CancellationException("stopped");
          }
        };
    List<Integer> left = Inspection.spread(heldOut, Inspection.EXAMPLES);
    List<Integer> right = Inspection.spread(heldOut, Inspection.QUERIES);
    ChosenImages shown =
        new ChosenImages(
            heldOut,
            Stream.of(left, right).flatMap(List::stream).mapToInt(Integer::intValue).toArray());
    Features features = new Features(towers, null);
    Planes planes = new Planes(towers);
    int classes = towers.plan().spec().classes();
    int width = features.extent().count();
    float[][] probabilities = new float[shown.size()][];
    float[][] points = new float[shown.size()][];
    Forward.over(
        towers,
        shown,
        threads,
        (batch, first) -> {
          float[] joined = planes.joined(features.layer());
          float[] rows = towers.probabilities();
          for (int i = 0; i < batch.count(); i++) {
            points[first + i] = Arrays.copyOfRange(joined, i * width, (i + 1) * width);
            probabilities[first + i] = Arrays.copyOfRange(rows, i * classes, (i + 1) * classes);
          }
        });
    List<Integer> examples = IntStream.range(0, left.size()).boxed().toList();
    List<Integer> queries = IntStream.range(left.size(), shown.size()).boxed().toList();
    return new Figure4(
        Inspection.examples(shown, examples, probabilities),
        Inspection.neighbours(shown, queries, points, train, features, threads, between),
        features.layer(),
        train.size());
  }
}
