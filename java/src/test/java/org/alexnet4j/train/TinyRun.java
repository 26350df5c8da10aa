package org.alexnet4j.train;

import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;

/** A run of a network of 2,000 parameters, a few milliseconds per step. */
final class TinyRun {
  /** Three steps an epoch, so that stops fall inside, at and after the end of an epoch. */
  static final String DATA = "synthetic:train=13,test=6,seed=5";

  private static final String CONFIG =
      """
      name: tiny
      network:
        towers: 2
        input: 28
        source: 32
        mean: channel
        layers:
          conv1: {type: conv, maps: 4, kernel: 5, stride: 4, sigma: 0.01, bias: 0, decay: 0.0005}
          relu1: {type: relu}
          pool1: {type: pool, size: 3, stride: 2}
          conv2: {type: conv, maps: 4, kernel: 3, pad: 1, reads: all, sigma: 0.1, bias: 0, decay: 0}
          relu2: {type: relu}
          fc3: {type: fc, units: 8, sigma: 0.1, bias: 0.1, decay: 0.0005}
          relu3: {type: relu}
          drop3: {type: dropout, keep: 0.5}
          fc4: {type: fc, units: 10, towers: first, sigma: 0.1, bias: 0, decay: 0.0005}
          softmax: {type: softmax}
      training: {batch: 4, epochs: 1000, rate: 0.001, momentum: 0.9}
      augmentation: {}
      """;

  private TinyRun() {}

  static Configuration configuration() {
    return ConfigReader.text("tiny", CONFIG);
  }

  /** Returns the same with another training section. */
  static Configuration configuration(String training) {
    String own = "{batch: 4, epochs: 1000, rate: 0.001, momentum: 0.9}";
    return ConfigReader.text("tiny", CONFIG.replace(own, training));
  }

  /** Returns the same with a locally connected layer in place of the convolution that reads all. */
  static Configuration locallyConnected() {
    return ConfigReader.text("tiny", CONFIG.replace("conv2: {type: conv", "conv2: {type: local"));
  }

  static RunOptions options(Path run, long steps, boolean resume) {
    return options(run, steps, resume, CheckpointPolicy.DEFAULT, 1, "cpu:0");
  }

  static RunOptions options(
      Path run,
      long steps,
      boolean resume,
      CheckpointPolicy policy,
      int loaderThreads,
      String devices) {
    return new RunOptions(
        configuration(),
        DATA,
        Devices.choose(devices, 2),
        99,
        run,
        steps,
        resume,
        policy,
        ImmutableSet.of(),
        loaderThreads);
  }

  static RunOptions with(RunOptions options, Configuration configuration) {
    return new RunOptions(
        configuration,
        options.data(),
        options.devices(),
        options.seed(),
        options.run(),
        options.steps(),
        options.resume(),
        options.checkpoints(),
        options.explain(),
        options.loaderThreads());
  }
}
