package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.alexnet4j.bench.StepSpread;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.option.EngineOption;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.TraceOption;
import org.alexnet4j.cli.option.TransportOption;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.cost.Work.DeviceRates;
import org.alexnet4j.report.ExchangeTable;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.StepTimes;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.tower.TraceFile;
import org.alexnet4j.tower.time.ExchangeTime;
import org.alexnet4j.tower.time.IdleTime;
import org.alexnet4j.train.Initializer;
import org.alexnet4j.train.TrainingWindows;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures steps of the network and says where their time goes. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures images per second, memory, and the time of every layer.",
      "The images are random and already in memory; loading them is not part of the step, unless"
          + " --feed asks for steps with a loader beside those without. Roofline:"
          + " the least time for a layer's products and bytes on that device, over the time"
          + " measured; from ceilings that are measured first, on a device alone."
    })
public final class BenchCommand implements Runnable {
  private static final double LEAST_SHARE = 0.003;
  private static final int TRACED_STEPS = 3;
  private static final int LEAST_IMAGES = 64;

  /** The first one loads the kernels; on GPUs the second one records. */
  private static final int WARM_STEPS = 2;

  private final Console console;

  @Option(
      names = "--devices",
      paramLabel = "LIST",
      defaultValue = "auto",
      description = "One device per tower, or auto (default: auto).")
  private String devices;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images per step (default: the network's; the paper's has 128).")
  private Integer wantedBatch;

  @Option(
      names = "--purpose",
      paramLabel = "P",
      defaultValue = "TRAIN",
      description = "Steps of training, or forward passes: train or infer (default: train).")
  private Purpose purpose;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "10",
      description = "Measured steps, after two to warm up (default: 10).")
  private int steps;

  @Option(
      names = "--feed",
      arity = "0..1",
      paramLabel = "DATA",
      fallbackValue = "",
      description =
          "Also steps that a loader feeds from data that train takes, or without DATA from random"
              + " images in memory, beside the same steps without one.")
  private String feed;

  @Mixin private NetworkOptions network;

  @Mixin private TraceOption trace;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Mixin private TransportOption transport;
  @Mixin private EngineOption engine;

  private int batch;

  public BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    if (steps < 1) {
      throw new IllegalArgumentException("steps is " + steps + "; allowed: 1 or more");
    }
    if (purpose == Purpose.INSPECT) {
      throw new IllegalArgumentException("purpose is INSPECT; allowed: train, infer");
    }
    Optional<Path> file = trace.file(new Inputs().file(network.file()));
    Configuration configuration = network.readOr("paper-2012");
    NetworkSpec spec = configuration.network();
    batch = wantedBatch != null ? wantedBatch : configuration.training().batch();
    long bytes = 3L * spec.sourceSize() * spec.sourceSize();
    if (batch > Integer.MAX_VALUE / bytes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "--batch is %d; allowed: up to %d, as a batch of images takes less than 2^31 bytes",
              batch,
              Integer.MAX_VALUE / bytes));
    }
    Plan plan =
        Planner.plan(
                spec,
                batch,
                purpose,
                configuration.mean(),
                1,
                purpose == Purpose.TRAIN ? configuration.training().slicing() : Slicing.NONE)
            .in(configuration.training().arithmetic());
    Devices.Choice choice =
        engine.applyTo(
            Devices.choose(devices, spec.towers()).withTransport(transport.transport()), console);
    List<DeviceRates> ceilings = ceilings(choice);
    try (Towers towers = Towers.create(plan, choice)) {
      towers.notes().forEach(console::message);
      Initializer.initialize(new ParameterStore(towers), 1, purpose == Purpose.TRAIN);
      Batch batch = new Batch(towers);
      StepSpread spread = measure(towers, batch);
      List<ExchangeTime> exchange = towers.takeExchange();
      Optional<FeedTrial.Result> fed =
          feed == null ? Optional.empty() : feed(configuration, towers);
      towers.time(true);
      List<TraceFile.Step> last = measureOperations(towers, batch);
      if (file.isPresent()) {
        TraceFile.write(file.get(), towers, last);
      }
      List<IdleTime> idle = IdleTime.of(last.stream().map(TraceFile.Step::timeline).toList());
      print(towers, choice, spread, times(towers, ceilings), idle, exchange, fed);
    } catch (DataException e) {
      throw new CommandException(ExitCode.DATA, e.getMessage());
    } catch (IOException e) {
      throw new CommandException(ExitCode.OTHER, e.getMessage());
    }
  }

  private Optional<FeedTrial.Result> feed(Configuration configuration, Towers towers)
      throws IOException {
    NetworkSpec spec = configuration.network();
    DataOptions options = DataOptions.train().withSource(spec.sourceSize());
    try (Dataset images =
        feed.isEmpty()
            ? new RandomImages(Math.max(2 * batch, LEAST_IMAGES), spec.sourceSize(), spec.classes())
            : Datasets.open(feed, options)) {
      if (images.classes().size() > spec.classes()) {
        throw new DataException(
            feed,
            "has " + images.classes().size() + " classes",
            "up to " + spec.classes() + ", as " + spec.name() + " has");
      }
      return Optional.of(
          FeedTrial.of(
              towers,
              images,
              feed.isEmpty() ? "random images in memory" : feed,
              TrainingWindows.of(configuration, images),
              steps));
    }
  }

  /**
   * Measures what each tower's device reaches, one after the other; empty, with a line that says
   * why, if one of them cannot tell.
   */
  private List<DeviceRates> ceilings(Devices.Choice choice) {
    Map<DeviceId, DeviceRates> rates = new LinkedHashMap<>();
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / choice.ids().size());
    for (DeviceId id : choice.ids()) {
      if (rates.containsKey(id)) {
        continue;
      }
      try (Device device = Device.open(id)) {
        device.threads(threads);
        Device.Ceilings ceilings = device.measureCeilings();
        rates.put(id, new DeviceRates(ceilings.flopsPerSecond(), ceilings.bytesPerSecond()));
      } catch (NativeException e) {
        console.message("no column roofline: " + Failures.line(e));
        return List.of();
      }
    }
    return choice.ids().stream().map(rates::get).toList();
  }

  /** Random images and labels. */
  private final class Batch {
    private final ByteBuffer images;
    private final int[] labels;

    Batch(Towers towers) {
      Random random = new Random(1);
      int size = towers.plan().spec().sourceSize();
      byte[] pixels = new byte[3 * size * size];
      images = ByteBuffer.allocateDirect(batch * pixels.length);
      for (int i = 0; i < batch; i++) {
        random.nextBytes(pixels);
        images.put(pixels);
      }
      images.flip();
      labels = random.ints(batch, 0, towers.plan().spec().classes()).toArray();
      float[] mean = new float[(int) (towers.plan().towers().get(0).buffer("mean").bytes() / 4)];
      Arrays.fill(mean, 128);
      towers.mean(mean);
    }

    /** Does a step; returns its time in seconds, loading not counted. */
    double step(Towers towers, int number) {
      towers.load(batch, images, new int[3 * batch], null, labels);
      long start = System.nanoTime();
      if (purpose == Purpose.TRAIN) {
        // A rate of 0 skips no work and keeps the weights where they are, however long this runs.
        towers.step(new StepSettings(number, 0, 0, 0.9f));
      } else {
        towers.evaluate();
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private StepSpread measure(Towers towers, Batch batch) {
    for (int i = 0; i < WARM_STEPS; i++) {
      batch.step(towers, i);
    }
    towers.takeExchange();
    double[] seconds = new double[steps];
    for (int i = 0; i < steps; i++) {
      seconds[i] = batch.step(towers, WARM_STEPS + i);
    }
    return StepSpread.of(seconds);
  }

  /** Measures operations in steps of their own: the marks between them cost time as well. */
  private List<TraceFile.Step> measureOperations(Towers towers, Batch batch) {
    List<TraceFile.Step> last = new ArrayList<>();
    for (int i = 0; i < Math.min(steps, TRACED_STEPS); i++) {
      batch.step(towers, WARM_STEPS + steps + i);
      last.add(new TraceFile.Step(WARM_STEPS + steps + i, towers.timeline()));
    }
    return last;
  }

  private StepTimes times(Towers towers, List<DeviceRates> ceilings) {
    return new StepTimes(
        towers.plan(),
        towers.times().stream()
            .map(
                t ->
                    new StepTimes.Sample(
                        t.tower(), t.layer(), t.operation(), t.nanos() / 1e6 / t.passes()))
            .toList(),
        ceilings);
  }

  private void print(
      Towers towers,
      Devices.Choice choice,
      StepSpread spread,
      StepTimes times,
      List<IdleTime> idle,
      List<ExchangeTime> exchange,
      Optional<FeedTrial.Result> fed) {
    Plan plan = towers.plan();
    double best = batch / spread.quantile(0);
    double median = batch / spread.quantile(0.5);
    long peak = peakBytes();
    if (json) {
      ImmutableMap.Builder<String, Object> result = ImmutableMap.builder();
      result.put("network", plan.spec().name());
      result.put("purpose", purpose.name());
      result.put("batch", batch);
      result.put("precision", plan.arithmetic().precision().toString());
      result.put("algorithm", plan.arithmetic().algorithm().toString());
      result.put("devices", choice.ids().stream().map(Object::toString).toList());
      result.put("engines", towers.engines().stream().map(Object::toString).toList());
      result.put("kernels", choice.kernels().stream().map(Object::toString).toList());
      result.put("mode", towers.mode().name());
      result.put("steps", steps);
      result.put("images_per_second_best", best);
      result.put("images_per_second_median", median);
      result.put("step_seconds", spread.seconds());
      result.put("idle", idle.stream().map(IdleTime::fields).toList());
      result.put("peak_resident_bytes", peak);
      result.put("operations", times.rows());
      result.put("exchange", exchange.stream().map(ExchangeTime::fields).toList());
      fed.ifPresent(trial -> result.put("feed", trial.fields()));
      console.json(result.buildOrThrow());
      return;
    }
    double gflop = 2e-9 * plan.macs() * batch;
    console.result(times.text(LEAST_SHARE));
    console.result(ExchangeTable.text(exchange));
    console.result(
        plan.spec().name()
            + ", "
            + purpose
            + " on "
            + choice.ids()
            + (choice.kernels().isEmpty() ? "" : " with " + choice.kernels())
            + ", batch "
            + batch
            + plan.arithmetic().remark()
            + ", "
            + steps
            + " steps: "
            + Numbers.fixed(best, 1)
            + " images/s best, "
            + Numbers.fixed(median, 1)
            + " median"
            + spread(spread)
            + "; a forward pass is "
            + Numbers.fixed(gflop, 1)
            + " GFLOP; peak resident memory "
            + Numbers.mebibytes(peak));
    idle.forEach(tower -> console.result(idle(plan, tower, spread)));
    fed.ifPresent(trial -> console.result(trial.text()));
  }

  /** Between which rates half of the steps lie, and by how much the median is behind the best. */
  private String spread(StepSpread spread) {
    return spread.seconds().length < 4
        ? ""
        : String.format(
            Locale.ROOT,
            ", half of them from %.1f to %.1f, the median step %.1f %% longer than the best",
            batch / spread.quantile(0.75),
            batch / spread.quantile(0.25),
            100 * spread.medianOverBest());
  }

  private static String idle(Plan plan, IdleTime idle, StepSpread spread) {
    String tower =
        plan.towers().size() > 1 ? "tower " + NetworkSpec.towerName(idle.tower()) : "the tower";
    String all =
        String.format(
            Locale.ROOT,
            "%s did nothing between operations for %.2f ms of a step, %.2f %%",
            tower,
            idle.micros() / 1e3,
            idle.micros() / 1e4 / spread.quantile(0.5));
    return idle.before().isEmpty()
        ? all
        : all
            + String.format(
                Locale.ROOT,
                "; the longest, %.2f ms, before %s",
                idle.longest() / 1e3,
                idle.before());
  }

  /**
   * Returns the most memory that this process has had resident, 0 where the system does not say.
   */
  private static long peakBytes() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
