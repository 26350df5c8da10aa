package org.alexnet4j.cli.data;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.option.ClassesOption;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.ColourNoise;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.Engines;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.train.TrainingWindows;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures how fast data reach the network's input. */
@Command(
    name = "feed",
    mixinStandardHelpOptions = true,
    description = {
      "Measures how fast batches reach the network's input.",
      "That is: loader, copy to the device, crop, mirror, mean and noise. In the same run, in turns,",
      "it measures what a plain copy of memory takes."
    })
public final class DataFeedCommand implements Callable<Integer> {
  /** Room for an {@code alexnet_step_settings}. */
  private static final int SETTINGS_BYTES = 256;

  private static final int COPY_BYTES = 64 << 20;

  private final Console console;

  @Parameters(paramLabel = "DATA", description = "Any data that train takes.")
  private String data;

  @Mixin private ClassesOption classes;
  @Mixin private NetworkOptions network;

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "cpu:0",
      description = "Where the input operation runs (default: cpu:0).")
  private String device;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "128",
      description = "Images per batch (default: 128).")
  private int batch;

  @Option(
      names = "--batches",
      paramLabel = "N",
      defaultValue = "40",
      description = "Measured batches, after as many to warm up (default: 40).")
  private int batches;

  @Option(
      names = "--loader-threads",
      paramLabel = "N",
      description = "Threads that read images (default: all cores but one).")
  private Integer threads;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public DataFeedCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (batches < 1) {
      throw new CommandException(
          ExitCode.USAGE, "--batches is " + batches + "; allowed: 1 or more");
    }
    network.refuseForImages();
    Configuration configuration = network.readOr("paper-2012");
    int source = configuration.network().sourceSize();
    int size = configuration.network().inputSize();
    InputShape shape = new InputShape(batch, source, size, configuration.mean(), 1);
    try (Dataset train =
            Datasets.open(classes.applyTo(data), DataOptions.train().withSource(source));
        BatchLoader loader =
            BatchLoader.of(train, batch)
                .threads(threads())
                .augmentation(TrainingWindows.of(configuration, train))
                .epochs(Integer.MAX_VALUE);
        Feed feed = new Feed(DeviceId.parse(device), shape)) {
      ByteBuffer from = ByteBuffer.allocateDirect(COPY_BYTES);
      ByteBuffer to = ByteBuffer.allocateDirect(COPY_BYTES);
      double[] fed = new double[batches];
      double[] copied = new double[batches];
      for (int i = -batches; i < batches; i++) {
        double copy = copySeconds(to, from);
        long start = System.nanoTime();
        feed.feed(loader.next());
        if (i >= 0) {
          fed[i] = (System.nanoTime() - start) / 1e9;
          copied[i] = copy;
        }
      }
      print(shape, fed, copied);
    }
    return ExitCode.OK.code();
  }

  private int threads() {
    return threads == null ? Math.max(1, Runtime.getRuntime().availableProcessors() - 1) : threads;
  }

  private static double copySeconds(ByteBuffer to, ByteBuffer from) {
    long start = System.nanoTime();
    to.clear().put(from.clear());
    return (System.nanoTime() - start) / 1e9;
  }

  /** Bytes read and written for one image: file to batch, batch to device, bytes to floats. */
  private static long traffic(InputShape shape) {
    long stored = 3L * shape.source() * shape.source();
    long seen = 3L * shape.size() * shape.size();
    return 2 * stored + 2 * stored + seen + Float.BYTES * seen;
  }

  private void print(InputShape shape, double[] fed, double[] copied) {
    double rate = batch * batches / Arrays.stream(fed).sum();
    double bandwidth = 2.0 * COPY_BYTES * batches / Arrays.stream(copied).sum();
    double moved = rate * traffic(shape);
    if (json) {
      console.json(
          ImmutableMap.of(
              "imagesPerSecond", rate,
              "bytesPerSecond", moved,
              "copyBytesPerSecond", bandwidth,
              "shareOfCopy", moved / bandwidth));
      return;
    }
    console.result(
        String.format(
            Locale.ROOT,
            "%s images/s at batch %d with %d loader threads; %s GB/s read and written, %s of the %s GB/s of a plain copy by one thread",
            Numbers.fixed(rate, 0),
            batch,
            threads(),
            Numbers.fixed(moved / 1e9, 2),
            Numbers.percent(moved / bandwidth),
            Numbers.fixed(bandwidth / 1e9, 2)));
  }

  /** The input operation with its buffers on a device. */
  private static final class Feed implements AutoCloseable {
    private final Device device;
    private final Stream stream;
    private final Engine engine;
    private final Arena arena;
    private final InputShape shape;
    private final Buffer images;
    private final Buffer crops;
    private final Buffer mean;
    private final Buffer noise;
    private final Buffer x;
    private final Buffer settings;

    Feed(DeviceId id, InputShape shape) {
      this.shape = shape;
      this.device = Device.open(id);
      this.stream = device.newStream();
      this.engine = Engines.open(device, Runtime.getRuntime().availableProcessors());
      long stored = 3L * shape.source() * shape.source();
      long[] bytes = {
        shape.imageBytes(),
        4L * 3 * shape.N(),
        4 * stored,
        4L * ColourNoise.VALUES * shape.N(),
        4L * 3 * shape.N() * shape.size() * shape.size(),
        SETTINGS_BYTES
      };
      this.arena = device.newArena(Arena.Memory.DEVICE, Arrays.stream(bytes).sum() + 8192);
      Buffer[] buffers = new Buffer[bytes.length];
      long at = 0;
      for (int i = 0; i < bytes.length; i++) {
        buffers[i] = arena.buffer(at, bytes[i]);
        at +=
            (bytes[i] + Arena.ALIGNMENT_BYTES - 1) / Arena.ALIGNMENT_BYTES * Arena.ALIGNMENT_BYTES;
      }
      images = buffers[0];
      crops = buffers[1];
      mean = buffers[2];
      noise = buffers[3];
      x = buffers[4];
      settings = buffers[5];
      settings.copyIn(stream, new int[SETTINGS_BYTES / Integer.BYTES]); // images are in slot 0
      mean.copyIn(stream, new float[(int) stored]);
    }

    void feed(Batch batch) {
      images.copyIn(stream, 0, batch.images());
      crops.copyIn(stream, batch.crops());
      if (batch.noise() != null) {
        noise.copyIn(stream, batch.noise());
      }
      engine.inputFprop(
          stream, shape, settings, images, crops, mean, batch.noise() == null ? null : noise, x);
      stream.synchronize();
    }

    @Override
    public void close() {
      for (Buffer buffer : new Buffer[] {images, crops, mean, noise, x, settings}) {
        buffer.close();
      }
      arena.close();
      engine.close();
      stream.close();
      device.close();
    }
  }
}
