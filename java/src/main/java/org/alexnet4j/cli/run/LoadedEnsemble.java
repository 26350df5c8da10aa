package org.alexnet4j.cli.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Evaluator;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Views;
import org.alexnet4j.plan.Purpose;
import picocli.CommandLine.Option;

/** The networks whose probabilities eval averages: the one of {@code --run} and further ones. */
final class LoadedEnsemble implements AutoCloseable {
  /** Which networks there are beside the first. */
  static final class Options {
    @Option(
        names = "--with",
        paramLabel = "RUN",
        description =
            "A further run folder or file of weights, as often as wanted; probabilities are averaged.")
    private List<Path> others = List.of();

    @Option(
        names = "--shares",
        paramLabel = "S",
        split = ",",
        description =
            "Shares of the networks in the average, that of --run first, or of the predictions"
                + " (default: equal ones).")
    private List<Float> shares = List.of();

    boolean hasOthers() {
      return !others.isEmpty();
    }

    /** Returns how many further ones there are. */
    int count() {
      return others.size();
    }

    List<Float> shares() {
      return shares;
    }

    /** Reads what all networks are, the first one's file first. */
    List<Network.Source> read(Path first, NetworkOptions network, Consumer<String> notes)
        throws IOException {
      List<Network.Source> sources = new ArrayList<>();
      sources.add(Network.Source.read(first, network.ofWeights(), network.change()));
      int size = sources.get(0).configuration().network().sourceSize();
      for (Path other : others) {
        Path file = WeightsOptions.runOrFile(other, notes);
        Network.Source source = Network.Source.read(file, network.ofWeights(), network.change());
        int its = source.configuration().network().sourceSize();
        if (its != size) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "%s reads stored images of %d pixels, %s of %d; allowed: the same network.source",
                  file,
                  its,
                  first,
                  size));
        }
        sources.add(source);
      }
      return sources;
    }
  }

  private final List<Network> networks = new ArrayList<>();

  private LoadedEnsemble() {}

  /** Opens the networks, all at the same time on the same devices. */
  static LoadedEnsemble open(
      List<Network.Source> sources, DeviceOptions devices, Console console, int batch)
      throws IOException {
    LoadedEnsemble ensemble = new LoadedEnsemble();
    try {
      for (Network.Source source : sources) {
        Network network =
            source.open(devices.choose(source.towers(), console), batch, Purpose.INFER, 0);
        ensemble.networks.add(network);
        network.requireMean(source.file());
      }
      ensemble.networks.stream()
          .flatMap(network -> network.towers().choices().stream())
          .distinct()
          .forEach(console::message);
      return ensemble;
    } catch (IOException | RuntimeException e) {
      ensemble.close();
      throw e;
    }
  }

  /**
   * Returns what evaluates images, one for each network.
   *
   * @throws IOException if their classes are not those of every network
   */
  List<Evaluator> members(Dataset images, String data, Views views) throws IOException {
    List<Evaluator> members = new ArrayList<>();
    for (Network network : networks) {
      network.requireClasses(images, data);
      members.add(new Evaluator(network.towers(), views));
    }
    return members;
  }

  @Override
  public void close() {
    for (int i = networks.size() - 1; i >= 0; i--) {
      networks.get(i).close();
    }
  }
}
