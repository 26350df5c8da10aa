package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * What a look into a trained network found: guesses, neighbours, mistakes, layers, exchange. Small
 * enough to stand in a page.
 *
 * @param step of the weights
 * @param heldOutImages images of the test part that were looked at, spread evenly over it
 * @param trainImages images of the training part among which neighbours were sought
 * @param seconds what it cost
 * @param top1Error of these images
 * @param top5Error of these images
 * @param examples the paper's Figure 4, left
 * @param neighbours the paper's Figure 4, right
 * @param distanceLayer layer in which distances were measured
 * @param confusion of the worst classes
 * @param layers by layer and tower
 * @param layerImages images that the layers were measured with
 * @param gradientImages images of the one backward pass; 0 if there was none
 * @hidden
 */
public record Findings(
    long step,
    int heldOutImages,
    int trainImages,
    double seconds,
    double top1Error,
    double top5Error,
    ImmutableList<Example> examples,
    ImmutableList<Neighbours> neighbours,
    String distanceLayer,
    Confusion.Table confusion,
    ImmutableList<Layer> layers,
    int layerImages,
    int gradientImages) {

  /**
   * One image.
   *
   * @param name its path inside the data
   * @param label its class
   * @param picture data URI
   * @hidden
   */
  public record Picture(String name, String label, String picture) {}

  /**
   * One guess.
   *
   * @param name of class or layer
   * @param probability in [0, 1]
   * @param right whether it is the image's class
   * @hidden
   */
  public record Guess(String name, double probability, boolean right) {}

  /**
   * An image with its five most probable classes.
   *
   * @param image which
   * @param guesses the most probable first
   * @hidden
   */
  public record Example(Picture image, List<Guess> guesses) {}

  /**
   * A training image and how far away it is from the one that was asked for.
   *
   * @param image which
   * @param distance Euclidean, between the features
   * @param sameClass whether both are of one class
   * @hidden
   */
  public record Neighbour(Picture image, double distance, boolean sameClass) {}

  /**
   * An image with the training images that lie nearest to it.
   *
   * @param image which
   * @param nearest the nearest first
   * @hidden
   */
  public record Neighbours(Picture image, List<Neighbour> nearest) {}

  /**
   * A layer with one summary per tower that has it.
   *
   * @param name of class or layer
   * @param kind as in the configuration
   * @param towers one for each tower that has it
   * @hidden
   */
  public record Layer(String name, String kind, List<LayerStatistics.Summary> towers) {}
}
