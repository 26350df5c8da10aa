package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.alexnet4j.io.Printable;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.tower.ParameterStore.Role;

/**
 * What has been brought to the towers so far, hence which pass may run: a batch, its labels, the
 * mean, the parameters. What a failed call may have left half done counts as not there.
 *
 * <p>Threads: the one whose turn it is.
 */
final class Readiness {
  private final Plan plan;
  private final Map<Role, Set<String>> missing = new EnumMap<>(Role.class);
  private boolean mean;
  private int images;
  private boolean prepared;
  private boolean labelled;
  private boolean passed;

  Readiness(Plan plan) {
    this.plan = plan;
    ImmutableList<String> names =
        TensorSpec.of(plan).stream().map(TensorSpec::name).collect(ImmutableList.toImmutableList());
    missing.put(Role.VALUE, new LinkedHashSet<>(names));
    missing.put(
        Role.VELOCITY,
        new LinkedHashSet<>(plan.purpose() == Purpose.TRAIN ? names : ImmutableList.of()));
  }

  /** Returns how many images are loaded; 0 if none are, or loading has failed. */
  int images() {
    return images;
  }

  /** Returns how many images the batch lacks to the plan's. */
  int missing() {
    return plan.batch() - images;
  }

  /** Returns whether the network's input itself was loaded. */
  boolean isPrepared() {
    return prepared;
  }

  /** Returns whether the labels of the batch are known. */
  boolean isLabelled() {
    return labelled;
  }

  /** Loading begins: until it has ended there is no batch. */
  void unload() {
    images = 0;
    passed = false;
  }

  /** A batch is there. */
  void loaded(int count, boolean withLabels, boolean asInput) {
    images = count;
    labelled = withLabels;
    prepared = asInput;
  }

  /** The mean is there, or is about to be written. */
  void mean(boolean written) {
    mean = written;
  }

  /** A tensor is there, or is about to be written. */
  void tensor(String name, Role role, boolean written) {
    if (role != Role.GRADIENT) {
      if (written) {
        missing.get(role).remove(name);
      } else {
        missing.get(role).add(name);
      }
    }
  }

  /** A pass begins: what it computes is not there yet. */
  void begin() {
    passed = false;
  }

  /** A pass has ended well. */
  void passed() {
    passed = true;
  }

  /**
   * Checks that a pass can run.
   *
   * @throws IllegalStateException if something is missing; the text says what
   */
  void requireFor(String pass) {
    require(images > 0, pass, "no batch is loaded, or loading one failed");
    require(mean || prepared, pass, "the mean, which the input operation subtracts, was not set");
    requireTensors(pass, Role.VALUE, "parameters");
  }

  /**
   * Checks that a training step can run.
   *
   * @throws IllegalStateException if something is missing; the text says what
   */
  void requireForStep() {
    requireFor("step");
    require(labelled, "step", "the batch was loaded without labels");
    requireTensors("step", Role.VELOCITY, "velocities");
  }

  /**
   * Checks that the plan is for a pass.
   *
   * @throws IllegalStateException if it is for something else
   */
  void requirePlan(String pass, Purpose purpose) {
    require(
        plan.purpose() == purpose, pass, "the plan is for " + plan.purpose() + ", not " + purpose);
  }

  /**
   * Checks that there are results.
   *
   * @throws IllegalStateException if no pass has run with the loaded batch
   */
  void requirePassed(String call) {
    require(passed, call, "no pass has run with a batch that was loaded");
  }

  private void requireTensors(String pass, Role role, String what) {
    Set<String> absent = missing.get(role);
    require(
        absent.isEmpty(),
        pass,
        absent.isEmpty() ? "" : what + " were not written: " + Printable.names(absent));
  }

  private static void require(boolean condition, String call, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(call + ": " + otherwise);
    }
  }
}
