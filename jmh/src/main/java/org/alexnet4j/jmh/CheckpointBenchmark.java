package org.alexnet4j.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.tower.ParameterSnapshot;
import org.alexnet4j.tower.ParameterStore;
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
 * Question: how long does a checkpoint of the paper's network keep a run waiting?
 *
 * <p>Unit: milliseconds. {@code take} is what a run waits for: the copy of weights and velocities
 * into memory of the host. {@code write} goes on beside the training: checksums, the file, its sync
 * and its rename. {@code read} brings the file, from the system's cache, back into the network.
 * Gigabytes per second are those of the file.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar CheckpointBenchmark -p folder=/a/disk -rf json
 * -rff checkpoint.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(3)
public class CheckpointBenchmark {
  /** Factor on the hidden widths; at 1 the file has 488 MB. */
  @Param("1")
  public double width;

  /** Whose disk is measured; empty for the folder of temporary files, which may be in memory. */
  @Param("")
  public String folder;

  private SavedNetwork network;
  private ParameterStore store;

  /** Makes the network, and checks that what is read is what was written. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    network = new SavedNetwork(width, folder);
    store = new ParameterStore(network.towers());
    byte[] first = Files.readAllBytes(network.file());
    read();
    take();
    write();
    if (!Arrays.equals(first, Files.readAllBytes(network.file()))) {
      throw new IllegalStateException("written, read and written again, the file is another");
    }
    Rates.bytes(CheckpointBenchmark.class, first.length);
  }

  /** Closes the network and deletes the file. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    network.close();
  }

  /** Copies the parameters to the host. */
  @Benchmark
  public ParameterSnapshot take() {
    return network.take();
  }

  /** Writes the copy. */
  @Benchmark
  public Path write() throws IOException {
    return network.write();
  }

  /** Reads weights and velocities. */
  @Benchmark
  public ParameterStore read() throws IOException {
    Checkpoint.readParameters(network.file(), store, true);
    return store;
  }
}
