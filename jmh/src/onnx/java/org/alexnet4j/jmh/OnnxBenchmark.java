package org.alexnet4j.jmh;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.eval.Network;
import org.alexnet4j.net.NetworkSpec;
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
 * Question: how long does the forward pass of the paper's network take in ONNX Runtime on the CPU,
 * and in our kernels, with the same weights and input?
 *
 * <p>Unit: milliseconds per batch, from floats in host memory to probabilities in host memory. Ours
 * copies the input into each tower; ONNX Runtime reads it where it is.
 *
 * <p>Run: {@code mvn -pl java,jmh package -Ponnx -DskipTests}, then {@code java -jar
 * jmh/target/benchmarks.jar OnnxBenchmark -p batch=1,32 -rf json -rff onnx.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(3)
public class OnnxBenchmark {
  /** Images. */
  @Param("32")
  public int batch;

  /** Factor on the hidden widths. */
  @Param("1")
  public double width;

  /** Cores of ONNX Runtime; 0 for all. Our towers share all. */
  @Param("0")
  public int threads;

  /** Normalisation by ONNX Runtime's operator, or composed of simpler ones. */
  @Param({"operator", "composed"})
  public String lrn;

  private SavedNetwork saved;
  private Network network;
  private OrtEnvironment environment;
  private OrtSession session;
  private OnnxTensor input;
  private float[] x;

  /** Opens both and checks that they agree. */
  @Setup(Level.Trial)
  public void open() throws IOException, OrtException {
    saved = new SavedNetwork(width, "");
    network = Network.open(saved.file(), Network.Options.DEFAULT.withBatch(batch));
    NetworkSpec spec = network.configuration().network();
    Path model = OnnxModel.write(spec, saved.file(), saved.folder(), lrn.equals("composed"));
    environment = OrtEnvironment.getEnvironment();
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(cores);
      session = environment.createSession(model.toString(), options);
    }
    input(spec.inputSize());
    requireEqual(kernels(), onnxRuntime(), spec.classes());
    Rates.images(OnnxBenchmark.class, batch);
  }

  /** Draws {@code x[N,H,W,3]} and lays the same out as {@code [N,3,H,W]}. */
  private void input(int side) throws OrtException {
    int pixels = side * side;
    x = new float[batch * pixels * 3];
    FloatBuffer planes =
        ByteBuffer.allocateDirect(4 * x.length).order(ByteOrder.nativeOrder()).asFloatBuffer();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(256) - 117;
      int pixel = i / 3 % pixels;
      planes.put((i / (3 * pixels) * 3 + i % 3) * pixels + pixel, x[i]);
    }
    input = OnnxTensor.createTensor(environment, planes, new long[] {batch, 3, side, side});
  }

  /** Nearly uniform probabilities would agree whatever made them; what tells is the rest. */
  private static void requireEqual(float[] ours, FloatBuffer theirs, int classes) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < ours.length; i++) {
      difference += Math.pow((double) ours[i] - theirs.get(i), 2);
      size += Math.pow(ours[i] - 1.0 / classes, 2);
    }
    double error = Math.sqrt(difference / size);
    if (theirs.remaining() != ours.length || !(error < 1e-4)) {
      throw new IllegalStateException(
          "ONNX Runtime's probabilities differ from ours by "
              + error
              + " of what they differ from uniform ones; allowed: 1e-4");
    }
  }

  /** Closes what was opened. */
  @TearDown(Level.Trial)
  public void close() throws IOException, OrtException {
    input.close();
    session.close();
    network.close();
    saved.close();
  }

  /** The peer's forward pass. */
  @Benchmark
  public FloatBuffer onnxRuntime() throws OrtException {
    try (OrtSession.Result result = session.run(Map.of("x", input))) {
      return ((OnnxTensor) result.get(0)).getFloatBuffer();
    }
  }

  /** Ours, on the CPU. */
  @Benchmark
  public float[] kernels() {
    network.towers().loadInput(x, null);
    network.towers().evaluate();
    return network.towers().probabilities();
  }
}
