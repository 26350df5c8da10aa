package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.OptionalLong;
import org.alexnet4j.config.ExperimentSpec.Part;
import org.alexnet4j.config.ExperimentSpec.Variant;

/**
 * Networks of an experiment whose class probabilities are averaged (paper, section 6.1).
 *
 * @param name of its row, no variant's
 * @param paper what the paper measured, or nothing
 * @param tenViews whether members look through ten views; nothing: each as its variant does
 * @param shares of the members in the average, one for each; none: equal ones
 * @param tune part of the held-out images on which shares are tuned, which are then measured on the
 *     others; nothing: shares are those stated
 * @param mixes what is averaged: one for each seed, or one of networks of several seeds
 * @hidden
 */
public record EnsembleSpec(
    String name,
    Optional<String> paper,
    Optional<Boolean> tenViews,
    ImmutableList<Float> shares,
    Optional<Part> tune,
    ImmutableList<Mix> mixes) {

  /**
   * Networks that are averaged.
   *
   * @param seed of all of them; empty where there is one mix, of several seeds
   * @param members one or more
   * @hidden
   */
  public record Mix(OptionalLong seed, ImmutableList<Member> members) {}

  /**
   * A network: a variant's run of a seed.
   *
   * @param variant its name
   * @param seed of the run
   * @hidden
   */
  public record Member(String variant, long seed) {
    /** {@return the name of its run} */
    public String run() {
      return variant + "-" + seed;
    }
  }

  /** {@return whether there is one mix for each seed} */
  public boolean isBySeed() {
    return mixes.get(0).seed().isPresent();
  }

  /**
   * {@return whether a member looks through ten views}
   *
   * @param member one of the ensemble
   */
  public boolean looksTen(Variant member) {
    return tenViews.orElse(member.tenViews());
  }
}
