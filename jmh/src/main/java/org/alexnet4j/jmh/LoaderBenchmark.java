package org.alexnet4j.jmh;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
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
 * Question: how fast can batches come from a data set when nobody computes in between?
 *
 * <p>Unit: milliseconds per batch. A step that is quicker than this waits for its data.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar LoaderBenchmark -p data=/path/to/images -p
 * threads=8 -rf json -rff loader.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(3)
public class LoaderBenchmark {
  private static final int CROP = 224;

  /** What {@code --data} takes: a folder, an archive, a packed set or synthetic:. */
  @Param("synthetic:")
  public String data;

  /** Images in a batch. */
  @Param("128")
  public int batch;

  /** Threads that read and decode. */
  @Param("2")
  public int threads;

  private Dataset dataset;
  private BatchLoader loader;

  /** Opens the data and checks once that the number of threads does not change the bytes. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    dataset = Datasets.open(data, DataOptions.train());
    try (BatchLoader one = loader(1)) {
      loader = loader(threads);
      Batch expected = one.next();
      Batch first = loader.next();
      if (first.count() != batch || !first.images().equals(expected.images())) {
        throw new IllegalStateException(
            "the first batch is not the one that a single thread prepares");
      }
    }
    Rates.images(LoaderBenchmark.class, batch);
  }

  private BatchLoader loader(int count) {
    return BatchLoader.of(dataset, batch)
        .seed(1)
        .threads(count)
        .augmentation(Augmentation.paper2012(CROP))
        .epochs(Integer.MAX_VALUE);
  }

  /** Stops the loader. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    loader.close();
    dataset.close();
  }

  /** Takes the next batch; it returns to the loader with the one after it. */
  @Benchmark
  public Batch next() throws IOException {
    return loader.next();
  }
}
