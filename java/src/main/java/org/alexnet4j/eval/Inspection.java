package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Findings.Example;
import org.alexnet4j.eval.Findings.Guess;
import org.alexnet4j.eval.Findings.Neighbour;
import org.alexnet4j.eval.Findings.Neighbours;
import org.alexnet4j.eval.Findings.Picture;
import org.alexnet4j.io.Pictures;
import org.alexnet4j.tower.Towers;

/**
 * Looks into a trained network with a few images: what it takes them for, what it finds alike, what
 * it mixes up, and what its layers do. Training is over or stands still meanwhile.
 *
 * <p>Threads: one caller.
 *
 * @hidden
 */
public final class Inspection {
  /** As in the paper's Figure 4. */
  static final int EXAMPLES = 8;

  static final int QUERIES = 5;
  private static final int NEIGHBOURS = 6;
  private static final int GUESSES = 5;
  private static final int CONFUSED = 12;
  private static final int PICTURE_SIDE = 112;

  private final Towers towers;
  private final int threads;

  /**
   * Makes an inspection.
   *
   * @param towers with a plan for INSPECT, parameters and mean written
   * @param threads threads that read images
   */
  public Inspection(Towers towers, int threads) {
    this.towers = towers;
    this.threads = threads;
  }

  /**
   * Looks at images, spread evenly over each part.
   *
   * @param step of the weights
   * @param heldOut labelled images that were not learned from
   * @param train images to find neighbours among
   * @param most images of each part
   * @return what was found
   * @throws IOException if an image cannot be read
   */
  public Findings run(long step, Dataset heldOut, Dataset train, int most) throws IOException {
    long start = System.nanoTime();
    EvenSample tested = EvenSample.of(heldOut, most);
    EvenSample known = EvenSample.of(train, most);
    int classes = towers.plan().spec().classes();
    Features features = new Features(towers, null);
    LayerSurvey survey = new LayerSurvey(towers);
    float[][] points = new float[tested.size()][];
    float[][] probabilities = new float[tested.size()][];
    Planes planes = new Planes(towers);
    Forward.over(
        towers,
        tested,
        threads,
        (batch, first) -> {
          survey.add(batch.count());
          float[] joined = planes.joined(features.layer());
          float[] rows = towers.probabilities();
          int width = features.extent().count();
          for (int i = 0; i < batch.count(); i++) {
            points[first + i] = Arrays.copyOfRange(joined, i * width, (i + 1) * width);
            probabilities[first + i] = Arrays.copyOfRange(rows, i * classes, (i + 1) * classes);
          }
        });
    survey.backward(tested, threads);
    ImmutableList<Neighbours> neighbours =
        neighbours(tested, spread(tested, QUERIES), points, known, features, threads, () -> {});
    Confusion confusion = new Confusion(classes);
    double top1 = 0;
    double top5 = 0;
    for (int i = 0; i < tested.size(); i++) {
      int label = tested.label(i);
      confusion.add(label, Evaluator.ranked(probabilities[i], 0, classes)[0]);
      top1 += Evaluator.share(probabilities[i], label, 1);
      top5 += Evaluator.share(probabilities[i], label, Math.min(GUESSES, classes));
    }
    return new Findings(
        step,
        tested.size(),
        known.size(),
        (System.nanoTime() - start) / 1e9,
        1 - top1 / tested.size(),
        1 - top5 / tested.size(),
        examples(tested, spread(tested, EXAMPLES), probabilities),
        neighbours,
        features.layer(),
        confusion.worst(tested.classes(), CONFUSED),
        survey.layers(),
        survey.images(),
        survey.gradientImages());
  }

  /** Returns images at some places with their most probable classes. */
  static ImmutableList<Example> examples(
      Dataset images, List<Integer> places, float[][] probabilities) throws IOException {
    ImmutableList.Builder<Example> examples = ImmutableList.builder();
    for (int index : places) {
      List<Guess> guesses = new ArrayList<>();
      float[] row = probabilities[index];
      int[] ranked = Evaluator.ranked(row, 0, row.length);
      for (int k = 0; k < Math.min(GUESSES, row.length); k++) {
        boolean right = ranked[k] == images.label(index);
        guesses.add(new Guess(images.classes().get(ranked[k]), row[ranked[k]], right));
      }
      examples.add(new Example(picture(images, index), guesses));
    }
    return examples.build();
  }

  /**
   * Returns images at some places with the known ones whose features are nearest to theirs.
   *
   * @param between batches of known images it is called; what it throws ends the search
   */
  static ImmutableList<Neighbours> neighbours(
      Dataset tested,
      List<Integer> queries,
      float[][] points,
      Dataset known,
      Features features,
      int threads,
      Runnable between)
      throws IOException {
    Nearest[] searches =
        queries.stream().map(q -> new Nearest(points[q], NEIGHBOURS)).toArray(Nearest[]::new);
    int width = features.extent().count();
    features.of(
        known,
        threads,
        (first, count, values) -> {
          between.run();
          for (int i = 0; i < count; i++) {
            for (Nearest search : searches) {
              search.add(first + i, values, i * width);
            }
          }
        });
    ImmutableList.Builder<Neighbours> result = ImmutableList.builder();
    for (int q = 0; q < queries.size(); q++) {
      List<Neighbour> nearest = new ArrayList<>();
      for (Nearest.Row row : searches[q].rows()) {
        int index = (int) row.index();
        boolean same = known.label(index) == tested.label(queries.get(q));
        nearest.add(new Neighbour(picture(known, index), row.distance(), same));
      }
      result.add(new Neighbours(picture(tested, queries.get(q)), nearest));
    }
    return result.build();
  }

  /**
   * Returns images of different classes, at equal distances in the list of those that occur; of a
   * class the one in the middle. So nobody picked them.
   */
  static List<Integer> spread(Dataset images, int most) {
    TreeMap<Integer, List<Integer>> byClass = new TreeMap<>();
    for (int i = 0; i < images.size(); i++) {
      byClass.computeIfAbsent(images.label(i), label -> new ArrayList<>()).add(i);
    }
    List<List<Integer>> classes = List.copyOf(byClass.values());
    int count = Math.min(most, images.size());
    int rounds = (count + classes.size() - 1) / classes.size();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Integer> alike = classes.get(i * classes.size() * rounds / count % classes.size());
      places.add(alike.get((alike.size() / 2 + places.size() / classes.size()) % alike.size()));
    }
    return places;
  }

  private static Picture picture(Dataset images, int index) throws IOException {
    ByteBuffer pixels = ByteBuffer.allocate(images.imageBytes());
    images.read(index, pixels);
    return new Picture(
        images.name(index),
        images.classes().get(images.label(index)),
        Pictures.square(pixels.array(), images.source(), PICTURE_SIDE));
  }
}
