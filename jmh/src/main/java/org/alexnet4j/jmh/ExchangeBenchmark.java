package org.alexnet4j.jmh;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Transport;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.link.LinkProbe;
import org.alexnet4j.tower.link.Route;
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
 * Question: how long does a plane take from one tower to the other, by each way there is?
 *
 * <p>Unit: microseconds from the sender's announcement to the receiver's idle stream; the gigabytes
 * per second are those of the plane, once. {@code store} has the kernel that writes the plane in
 * it.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar ExchangeBenchmark -p devices=cuda:0,cuda:1 -p
 * transport=peer,store,staged -rf json -rff exchange.json}; two devices are written with a plus, as
 * in {@code cpu:0+cpu:1}, because JMH takes the comma.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class ExchangeBenchmark {
  /** What crosses in the paper's network: pool2 to conv3, and what fc6, fc7 and fc8 read. */
  @Param({"pool2", "pool5", "drop6", "drop7"})
  public String plane;

  /** How: same on one device, peer between two, store and staged everywhere. */
  @Param({"same", "peer", "store", "staged"})
  public String transport;

  /** One device, or two with a plus between them. */
  @Param({"cpu:0", "cpu:0+cpu:1"})
  public String devices;

  /** Images. */
  @Param("128")
  public int batch;

  private Device from;
  private Device to;
  private LinkProbe probe;
  private Route route;

  /** Opens the way, and refuses it if a byte arrives changed. */
  @Setup(Level.Trial)
  public void open() {
    List<DeviceId> ids = Stream.of(devices.split("\\+")).map(DeviceId::parse).toList();
    Transport way = Transport.parse(transport);
    boolean one = ids.size() == 1;
    if (way == (one ? Transport.PEER : Transport.SAME)) {
      throw new SkippedException(
          "transport " + way + " is for " + (one ? "two devices" : "one device"));
    }
    from = SkippedException.unlessThere(ids.get(0));
    to = one ? from : SkippedException.unlessThere(ids.get(1));
    boolean direct = way == Transport.PEER || way == Transport.STORE;
    if (direct && !(from.reaches(to) && to.reaches(from))) {
      throw new SkippedException("no peer access between " + from + " and " + to);
    }
    int bytes = bytes();
    probe = new LinkProbe(from, to, bytes);
    int wrong = probe.firstWrongByte(way);
    if (wrong >= 0) {
      throw new IllegalStateException(way + ": byte " + wrong + " arrives changed");
    }
    route = probe.route(way);
    Rates.bytes(ExchangeBenchmark.class, bytes);
  }

  /** Returns the size of the plane of one tower. */
  private int bytes() {
    List<Transfer> transfers =
        Planner.plan(AlexNet.paper2012(), batch, Purpose.INFER, Mean.CHANNEL, 1)
            .exchange()
            .transfers();
    return transfers.stream()
        .filter(t -> t.plane().equals(plane))
        .mapToInt(t -> Math.toIntExact(t.bytes()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no plane '"
                        + plane
                        + "' crosses; allowed: "
                        + transfers.stream().map(Transfer::plane).distinct().toList()));
  }

  /** Closes what was opened. */
  @TearDown(Level.Trial)
  public void close() {
    route.close();
    probe.close();
    if (to != from) {
      to.close();
    }
    from.close();
  }

  /** Sends the plane and waits for it. */
  @Benchmark
  public void send() {
    probe.send(route);
  }
}
