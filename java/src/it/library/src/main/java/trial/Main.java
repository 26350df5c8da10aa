package trial;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.eval.Features;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.alexnet4j.eval.Views;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.train.CheckpointPolicy;
import org.alexnet4j.train.RunListener;
import org.alexnet4j.train.RunOptions;
import org.alexnet4j.train.TrainingRun;

/**
 * Trains the demo network for some steps, predicts, reads features and closes; with no arguments it
 * opens and closes a device alone. Arguments: FOLDER IMAGE.
 */
final class Main {
  private static final String DATA = "synthetic:train=640,test=20";
  private static final int STEPS = 20;

  private Main() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 0) {
      Path run = Path.of(arguments[0]);
      train(run);
      predict(run, Path.of(arguments[1]));
      features(run);
    }
    System.out.println("built with: " + Devices.buildInfo());
    System.out.println("open handles: " + Devices.liveHandles());
  }

  private static void train(Path run) throws IOException {
    Configuration demo = ConfigReader.preset("demo");
    RunOptions options =
        new RunOptions(
            demo,
            DATA,
            Devices.choose("cpu:0,cpu:1", demo.network().towers()),
            1,
            run,
            STEPS,
            false,
            CheckpointPolicy.DEFAULT,
            ImmutableSet.of(),
            1);
    TrainingRun.Outcome outcome = TrainingRun.run(options, new RunListener() {});
    System.out.println("trained: " + outcome.progress().step() + " steps");
  }

  private static void predict(Path run, Path image) throws IOException {
    try (Network network = Network.open(run)) {
      List<Predictor.Guess> guesses = network.predict(image);
      System.out.println("guesses: " + guesses.size());
      System.out.println(
          "ten views: " + network.predictor(Views.TEN).predict(image).get(0).name());
    }
  }

  private static void features(Path run) throws IOException {
    Path file = new RunFolder(run).latest().orElseThrow();
    Network.Source source = Network.Source.read(file, Optional.empty());
    int side = source.configuration().network().sourceSize();
    AtomicInteger rows = new AtomicInteger();
    try (Dataset images = Datasets.open(DATA, DataOptions.heldOut().withSource(side));
        Network network =
            source.open(Devices.choose("cpu:0", source.towers()), 10, Purpose.INSPECT, 0)) {
      Features features = new Features(network.towers(), "pool5");
      features.of(images, 1, (first, count, values) -> rows.addAndGet(count));
      System.out.println("features: " + rows + " of " + features.extent());
    }
  }
}
