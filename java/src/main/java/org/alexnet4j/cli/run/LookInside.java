package org.alexnet4j.cli.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.eval.FeatureMaps;
import org.alexnet4j.eval.Findings;
import org.alexnet4j.eval.Inspection;
import org.alexnet4j.eval.Network;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.Printable;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.run.RunFolder;

/** Looks into a network with images and leaves what it found in the run folder. */
final class LookInside {
  /** Every plane of every layer is kept for these: 0.9 GB with the paper's network. */
  private static final int MAX_BATCH = 32;

  /** The same where a run is to need little memory. */
  private static final int SMALL_BATCH = 4;

  private LookInside() {}

  /**
   * What to look at.
   *
   * @param run folder that gets the findings
   * @param weights checkpoint of that run
   * @param images of the test part, and as many of the training part
   */
  record Request(
      Path run, Path weights, String data, Devices.Choice devices, int images, int loaderThreads) {}

  /**
   * Looks, and writes {@code findings.json}.
   *
   * @return whether it did: not if no image is held out
   * @throws IOException if the images cannot be used, or the file not be written
   */
  static boolean write(Console console, Request request, NetworkOptions network)
      throws IOException {
    Network.Source source =
        Network.Source.read(request.weights(), network.ofWeights(), network.change());
    DataOptions options =
        DataOptions.train().withSource(source.configuration().network().sourceSize());
    try (Dataset train = Datasets.open(request.data(), options);
        Dataset heldOut =
            Datasets.open(request.data(), options.withSplit(DataOptions.Split.HELD_OUT))) {
      boolean small = source.configuration().training().slicing().recompute();
      int most = small ? SMALL_BATCH : MAX_BATCH;
      int batch = Math.min(most, Math.min(request.images(), heldOut.size()));
      if (batch == 0) {
        return false;
      }
      try (Network loaded = source.open(request.devices(), batch, Purpose.INSPECT, 0)) {
        loaded.requireMean(request.weights()).requireClasses(heldOut, request.data());
        Findings findings =
            new Inspection(loaded.towers(), request.loaderThreads())
                .run(RunFolder.step(request.weights()), heldOut, train, request.images());
        AtomicFile.writeText(
            new RunFolder(request.run()).findings(), JsonLines.toJson(findings) + "\n");
        console.message(
            String.format(
                Locale.ROOT,
                "looked into the network with %d held-out and %d training images in %s s",
                findings.heldOutImages(),
                findings.trainImages(),
                Numbers.fixed(findings.seconds(), 1)));
        return true;
      }
    }
  }

  /** Looks at one image with the newest checkpoint of a run, and writes {@code maps.json}. */
  static void maps(
      Console console, Path run, Path image, List<String> layers, DeviceOptions devices)
      throws IOException {
    Path file = WeightsOptions.newest(run, console::message);
    Network.Source source = Network.Source.read(file, Optional.empty());
    int side = source.configuration().network().sourceSize();
    try (Dataset images = Datasets.files(List.of(image), side);
        Network loaded =
            source.open(devices.choose(source.towers(), console), 1, Purpose.INSPECT, 0)) {
      loaded.requireMean(file);
      loaded.towers().choices().forEach(console::message);
      FeatureMaps maps = FeatureMaps.of(loaded.towers(), RunFolder.step(file), images, layers);
      AtomicFile.writeText(new RunFolder(run).maps(), JsonLines.toJson(maps) + "\n");
      console.message("looked at " + Printable.path(image) + " with the weights of " + file);
    }
  }
}
