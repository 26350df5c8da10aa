package org.alexnet4j.jmh;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Reports what a call gets through in a second beside how long it takes: {@code images/s}, {@code
 * GB/s}.
 *
 * <p>JMH's {@code AuxCounters} are divided as the mode says, and so would be time per image, under
 * the unit {@code ms/op}; {@code OperationsPerInvocation} must be a constant, and the batch is a
 * parameter. A benchmark says in its set-up what one call has; the score of each iteration gives
 * the rate.
 */
public final class Rates implements InternalProfiler {
  /** One call of a benchmark. */
  private record Call(double amount, String unit) {}

  private static final Map<String, Call> CALLS = new ConcurrentHashMap<>();

  /** Says how many images a call of a benchmark class processes. */
  static void images(Class<?> benchmark, int count) {
    CALLS.put(benchmark.getName(), new Call(count, "images/s"));
  }

  /** Says how many bytes a call of a benchmark class moves. */
  static void bytes(Class<?> benchmark, long count) {
    CALLS.put(benchmark.getName(), new Call(count / 1e9, "GB/s"));
  }

  @Override
  public String getDescription() {
    return "images or bytes per second, of benchmarks that process any";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

  @Override
  public Collection<? extends Result> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    String method = benchmark.getBenchmark();
    Call call = CALLS.get(method.substring(0, method.lastIndexOf('.')));
    if (call == null || result.getRawPrimaryResults().isEmpty()) { // an iteration that failed
      return List.of();
    }
    double score = result.getPrimaryResult().getScore();
    double unitsPerSecond =
        (double) TimeUnit.SECONDS.toNanos(1) / benchmark.getTimeUnit().toNanos(1);
    double callsPerSecond =
        switch (benchmark.getMode()) {
          case Throughput -> score * unitsPerSecond;
          default -> unitsPerSecond / score;
        };
    return List.of(
        new ScalarResult(
            call.unit, call.amount * callsPerSecond, call.unit, AggregationPolicy.AVG));
  }
}
