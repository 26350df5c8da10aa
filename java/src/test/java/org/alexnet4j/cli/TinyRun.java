package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Real runs of a few thousand parameters in a second, for tests of what is made from run folders.
 */
public final class TinyRun {
  public static final String CONFIG =
      """
      name: tiny
      network:
        towers: 2
        input: 28
        source: 32
        mean: channel
        layers:
          conv1: {type: conv, maps: 8, kernel: 5, stride: 2, sigma: 0.01, bias: 0, decay: 0.0005}
          relu1: {type: relu}
          norm1: {type: lrn, size: 5, k: 2, alpha: 1e-4, beta: 0.75}
          pool1: {type: pool, size: 3, stride: 2}
          conv2: {type: conv, maps: 8, kernel: 3, pad: 1, reads: all, sigma: 0.1, bias: 0, decay: 0}
          relu2: {type: relu}
          fc3: {type: fc, units: 8, sigma: 0.1, bias: 0.1, decay: 0.0005}
          relu3: {type: relu}
          drop3: {type: dropout, keep: 0.5}
          fc4: {type: fc, units: 10, towers: first, sigma: 0.1, bias: 0, decay: 0.0005}
          softmax: {type: softmax}
      training: {batch: 4, epochs: 4, rate: 0.0001, momentum: 0.9, drops: [3]}
      augmentation: {}
      """;

  /** Ten classes in turn. */
  public static final String DATA = "synthetic:train=60,test=40";

  private TinyRun() {}

  /** Trains two towers into {@code folder/name}. */
  public static void train(Path folder, String name, String... more) throws IOException {
    train(CONFIG, "cpu:0,cpu:1", folder, name, more);
  }

  /** The same with both towers on devices of one's choice. */
  public static void trainOn(String devices, Path folder, String name, String... more)
      throws IOException {
    train(CONFIG, devices, folder, name, more);
  }

  /** Trains the network on one tower into {@code folder/name}. */
  public static void trainOneTower(Path folder, String name, String... more) throws IOException {
    train(CONFIG.replace("towers: 2", "towers: 1"), "cpu:0", folder, name, more);
  }

  /** Trains a network of one's choice; returns what it said. */
  static Cli train(String network, String devices, Path folder, String name, String... more)
      throws IOException {
    Path config = folder.resolve("tiny.yaml");
    Files.writeString(config, network);
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("train", "--data", DATA, "--config", config.toString()));
    arguments.addAll(List.of("--run", folder.resolve(name).toString()));
    arguments.addAll(List.of("--devices", devices));
    arguments.addAll(List.of(more));
    Cli cli = Cli.run(arguments.toArray(String[]::new));
    assertEquals(0, cli.code(), cli.err());
    return cli;
  }

  /** Copies a run folder. */
  public static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /** Deletes a folder. */
  public static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
