package org.alexnet4j.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how long does a program wait that asks what is in a picture?
 *
 * <p>Unit: milliseconds per call of {@code Network.predict}: reading the file, decoding, the
 * forward pass, and the sorted guesses.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar PredictBenchmark -p devices=cpu:0 -p images=1
 * -rf json -rff predict.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(3)
public class PredictBenchmark {
  /** Files in one call; the network is opened for batches of as many. */
  @Param("1")
  public int images;

  /** One device, or one per tower with a plus between them. */
  @Param("cpu:0+cpu:1")
  public String devices;

  /** What computes: kernels on any device, onednn on cpu, cudnn on cuda. */
  @Param({"kernels", "onednn", "cudnn"})
  public String engine;

  /** Factor on the hidden widths. */
  @Param("1")
  public double width;

  /** Width and height of the JPEG. */
  @Param("500x375")
  public String size;

  private SavedNetwork saved;
  private List<Path> files;
  private Network network;

  /** Opens the network and checks that the probabilities are some. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    EngineKind kind = EngineKind.parse("engine", engine);
    for (String id : devices.split("\\+")) {
      SkippedException.unlessThere(kind, DeviceId.parse(id));
    }
    saved = new SavedNetwork(width, "");
    Path photo = saved.folder().resolve("photo.jpg");
    Files.write(photo, Photo.of(size).jpeg());
    files = Collections.nCopies(images, photo);
    Network.Options options =
        Network.Options.DEFAULT
            .withDevices(devices.replace('+', ','))
            .withBatch(images)
            .withEngine(kind);
    network = Network.open(saved.file(), options);
    List<Predictor.Guess> guesses = network.predict(photo);
    double sum = guesses.stream().mapToDouble(Predictor.Guess::probability).sum();
    if (guesses.size() != 1000 || !(Math.abs(sum - 1) < 1e-4)) {
      throw new IllegalStateException(
          guesses.size() + " classes, whose probabilities add up to " + sum);
    }
    if (!predict().get(images - 1).guesses().equals(guesses)) {
      throw new IllegalStateException("the same picture is something else among others");
    }
    Rates.images(PredictBenchmark.class, images);
  }

  /** Closes the networks and deletes their files. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    network.close();
    saved.close();
  }

  /** Predicts what is in the files. */
  @Benchmark
  public List<Predictor.Prediction> predict() throws IOException {
    return network.predict(files);
  }
}
