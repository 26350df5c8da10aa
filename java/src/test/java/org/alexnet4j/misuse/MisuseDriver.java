package org.alexnet4j.misuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.device.Devices;

/**
 * Makes random sequences of calls, most of them wrong, on 1 to 4 threads that share their objects.
 * A call may do its work or refuse it; the process must not end, a sequence must not hang, and
 * after it no native handle may be open.
 *
 * <pre>{@code
 * MisuseDriver SEED FIRST COUNT [trace]
 * }</pre>
 *
 * <p>Sequence {@code i} of a seed always makes the same calls with the same arguments; how the
 * threads interleave is up to the machine. Exit codes: 0; 1 for an exception that is no answer or
 * an open handle; 3 for a hang. A crash has the virtual machine's own.
 */
final class MisuseDriver {
  private static final int CALLS = 24;
  private static final int HANG_SECONDS = 10;

  /** What a wrong call may be answered with. Subclasses that say nothing to a caller are not. */
  private static final List<Class<? extends Throwable>> ANSWERS =
      List.of(
          IllegalArgumentException.class,
          IllegalStateException.class,
          NullPointerException.class,
          IndexOutOfBoundsException.class,
          java.nio.ReadOnlyBufferException.class,
          org.alexnet4j.device.NativeException.class,
          org.alexnet4j.tower.TowerException.class);

  private final long seed;
  private final boolean trace;
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  private MisuseDriver(long seed, boolean trace) {
    this.seed = seed;
    this.trace = trace;
  }

  public static void main(String[] arguments) throws InterruptedException {
    long seed = Long.parseLong(arguments[0]);
    int first = Integer.parseInt(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    MisuseDriver driver = new MisuseDriver(seed, arguments.length > 3);
    for (int i = first; i < first + count; i++) {
      System.out.println("sequence " + i + " of seed " + seed);
      driver.sequence(i);
      if (!driver.failures.isEmpty()) {
        driver.failures.forEach(System.out::println);
        System.exit(1);
      }
    }
    System.out.println(count + " sequences, no handle open");
    System.exit(0);
  }

  private void sequence(int number) throws InterruptedException {
    Random random = new Random(seed * 1_000_003 + number);
    MisusePool pool = new MisusePool(random.nextLong());
    int threads = 1 + random.nextInt(4);
    CountDownLatch done = new CountDownLatch(threads);
    List<Thread> all = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      long own = random.nextLong();
      Thread thread = new Thread(() -> calls(pool, new Random(own), done), "misuse-" + t);
      thread.setDaemon(true);
      all.add(thread);
    }
    all.forEach(Thread::start);
    if (!done.await(HANG_SECONDS, TimeUnit.SECONDS)) {
      hang("sequence " + number + " hangs");
    }
    Thread end = new Thread(() -> close(pool), "misuse-close");
    end.setDaemon(true);
    end.start();
    end.join(1_000L * HANG_SECONDS);
    if (end.isAlive()) {
      hang("the end of sequence " + number + " hangs");
    }
    if (Devices.liveHandles() != 0) {
      failures.add("sequence " + number + " leaves " + Devices.liveHandles() + " handles open");
    }
  }

  private void calls(MisusePool pool, Random random, CountDownLatch done) {
    try {
      for (int i = 0; i < CALLS; i++) {
        MisuseCall call = MisuseCall.next(pool, random);
        String outcome = "ok";
        try {
          call.body().run(pool, random);
        } catch (Throwable e) {
          outcome = e.toString();
          if (!isAnswer(e)) {
            failures.add(call.name() + ": " + e + " " + Arrays.toString(e.getStackTrace()));
          }
        }
        if (trace) {
          System.out.println(Thread.currentThread().getName() + " " + call.name() + ": " + outcome);
        }
      }
    } finally {
      done.countDown();
    }
  }

  private void close(MisusePool pool) {
    try {
      pool.close();
    } catch (Throwable e) {
      failures.add("close: " + e + " " + Arrays.toString(e.getStackTrace()));
    }
  }

  /** The text must be there: "null" helps nobody. */
  private static boolean isAnswer(Throwable e) {
    return ANSWERS.stream().anyMatch(answer -> answer.isInstance(e))
        && !(e instanceof ArrayIndexOutOfBoundsException)
        && !(e instanceof NumberFormatException)
        && (e.getMessage() != null || e instanceof java.nio.ReadOnlyBufferException);
  }

  private static void hang(String text) {
    System.out.println(text);
    Thread.getAllStackTraces()
        .forEach((thread, stack) -> System.out.println(thread + " " + Arrays.toString(stack)));
    System.out.flush();
    Runtime.getRuntime().halt(3);
  }
}
