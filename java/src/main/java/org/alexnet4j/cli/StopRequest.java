package org.alexnet4j.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns INT and TERM into a request that a loop can ask for between two steps.
 *
 * <p>The virtual machine answers these signals by running its shutdown hooks and then ends with 130
 * or 143. The hook installed here holds that end back until the command has finished its step and
 * saved. Thread-safe.
 */
final class StopRequest {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final CountDownLatch done = new CountDownLatch(1);
  private final Runnable onRequest;
  private volatile boolean requested;

  /**
   * Makes a request that was not made yet.
   *
   * @param onRequest runs once when it is made, before the wait
   */
  StopRequest(Runnable onRequest) {
    this.onRequest = onRequest;
  }

  /** Returns whether the loop should end after the step it is in. */
  boolean isRequested() {
    return requested;
  }

  /** Makes this process's signals set the request. */
  void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::requestAndWait, "stop-request"));
  }

  /** Ends the process with a code, or lets the signal's own code stand if there was one. */
  void finish(int code) {
    boolean signalled = requested;
    done.countDown();
    if (!signalled) {
      System.exit(code);
    }
  }

  /** Makes the request. */
  void request() {
    requested = true;
    onRequest.run();
  }

  private void requestAndWait() {
    if (done.getCount() == 0) {
      return; // an orderly end also runs the hooks
    }
    request();
    try {
      done.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
