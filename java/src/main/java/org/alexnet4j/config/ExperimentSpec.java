package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;

/**
 * A question of the paper, or of one's own: some networks, some seeds, and what is measured.
 *
 * @param name of its folder
 * @param title for people
 * @param paper what the paper says of it, in a sentence
 * @param data where the images are, unless the command says otherwise
 * @param seeds of which every variant is trained once
 * @param scale how much smaller than the publication it is
 * @param measure what is compared
 * @param variants networks and trainings, in the order of the table
 * @param ensembles averages of networks, in the order of the table below the variants
 * @param published what the paper reports of others, by name: rows without runs
 * @param comparisons pairs whose difference is of interest
 * @hidden
 */
public record ExperimentSpec(
    String name,
    String title,
    String paper,
    Optional<String> data,
    ImmutableList<Long> seeds,
    Scale scale,
    Measure measure,
    ImmutableList<Variant> variants,
    ImmutableList<EnsembleSpec> ensembles,
    ImmutableMap<String, String> published,
    ImmutableList<Comparison> comparisons) {

  /** {@return how many runs there are in all} */
  public int runs() {
    return variants.stream().mapToInt(variant -> variant.seeds().size()).sum();
  }

  /**
   * What a run gives.
   *
   * @hidden
   */
  public enum Measure {
    /** Share of held-out images whose first guess is wrong, after the last epoch. */
    ERROR,
    /** Epochs until a quarter of the training images are wrong, between two epochs by a line. */
    EPOCHS_TO_QUARTER,
    /** Difference between the towers' shares of colour in the filters of the first layer. */
    COLOUR,
    /** As ERROR, and the pictures of figure 4. */
    FIGURE_4
  }

  /**
   * How much smaller than the publication an experiment is; it is printed beside every number.
   *
   * @param width factor on maps and units
   * @param classes how many classes of the data, the first ones; 0 for all
   * @param epochs passes over the data, 0 for those stated; what happens at an epoch then happens
   *     at the same share of the way
   * @hidden
   */
  public record Scale(float width, int classes, int epochs) {
    /** As published. */
    public static final Scale FULL = new Scale(1, 0, 0);

    /** Says it in words. */
    @Override
    public String toString() {
      return "width "
          + width
          + ", "
          + (classes == 0 ? "all classes" : classes + " classes")
          + ", "
          + (epochs == 0 ? "epochs as stated" : epochs + " epochs");
    }
  }

  /**
   * One row of the table.
   *
   * @param name of its runs
   * @param paper what the paper measured, or nothing
   * @param configuration what is trained, at its scale
   * @param part which of the classes that the scale takes; nothing for all
   * @param from variant whose run of the same seed it starts from
   * @param layers of a start, what becomes of single layers
   * @param tenViews whether held-out images are measured through ten views
   * @param seeds of which it is trained
   * @hidden
   */
  public record Variant(
      String name,
      Optional<String> paper,
      Configuration configuration,
      Optional<Part> part,
      Optional<String> from,
      ImmutableMap<String, StartSpec.Mode> layers,
      boolean tenViews,
      ImmutableList<Long> seeds) {}

  /**
   * One of equal parts of the classes, in their order.
   *
   * @param which from 1
   * @param of how many there are
   * @hidden
   */
  public record Part(int which, int of) {
    /**
     * {@return the classes of so many in all, as data are named: {@code 51-100}}
     *
     * @param all how many the data have
     */
    public String classes(int all) {
      return all * (which - 1) / of + 1 + "-" + all * which / of;
    }
  }

  /**
   * Two variants or ensembles of which the second is expected to be better.
   *
   * @param from name of a variant
   * @param to name of another one
   * @param paper by how much in the paper, or nothing
   * @hidden
   */
  public record Comparison(String from, String to, Optional<String> paper) {}
}
