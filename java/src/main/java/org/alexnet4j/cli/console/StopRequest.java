package org.alexnet4j.cli.console;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.alexnet4j.io.Unfinished;

/**
 * Turns signals into requests that a training loop asks for between two steps.
 *
 * <p>INT, TERM and HUP ask for the end after the step and its checkpoint; a second INT ends the
 * process at once. While no loop attends, any of them does: what is unfinished is removed, all else
 * that is written appears whole or not at all, so there is nothing to wait for. USR1 asks for a
 * checkpoint. A HUP that the caller ignores, as {@code nohup} does, stays ignored. Thread-safe.
 */
public final class StopRequest {
  private static final int SIGNAL_BASE = 128;
  private static final long MOST_MILLIS = 1000;
  private static final Map<String, Integer> ENDS = Map.of("HUP", 1, "INT", 2, "TERM", 15);
  private static final String SAVE = "USR1";

  private final Consumer<String> messages;
  private final AtomicBoolean save = new AtomicBoolean();
  private volatile boolean attended;
  private volatile boolean requested;
  private volatile int signal;
  private volatile String farewell;

  /**
   * Makes a request that was not made yet.
   *
   * @param messages hears what a signal does
   */
  public StopRequest(Consumer<String> messages) {
    this.messages = messages;
  }

  /** Returns whether the loop should end after the step it is in. */
  public boolean isRequested() {
    return requested;
  }

  /** Returns whether the loop should save after the step it is in, and takes the wish back. */
  public boolean takeSaveRequest() {
    return save.getAndSet(false);
  }

  /** Says that a loop asks from now on, so that signals wait for it. */
  public synchronized void attend() {
    attended = true;
  }

  /** Says what a person hears when a signal ends the process at once. */
  public void farewell(String message) {
    farewell = message;
  }

  /** Says that the loop asks no more: from now on signals end the process at once. */
  public synchronized void leave() {
    attended = false;
  }

  /** Makes the request. */
  public void request() {
    requested = true;
  }

  /** Makes this process's signals set the requests. */
  public void install() {
    for (String name : ENDS.keySet()) {
      Signals.handle(name, () -> received(name, Runtime.getRuntime()::halt));
    }
    Signals.handle(SAVE, this::receivedSave);
  }

  /** Answers one of the signals that end a process; {@code halt} ends it at once. */
  public void received(String name, Consumer<Integer> halt) {
    int number = ENDS.get(name);
    synchronized (this) { // no loop begins to attend while the process ends
      if (!attended || (name.equals("INT") && signal == number)) {
        removeUnfinished();
        sayFarewell();
        halt.accept(SIGNAL_BASE + number);
        Unfinished.goOn();
        return;
      }
      if (signal != 0) {
        return;
      }
      signal = number;
      request();
    }
    // Not under the lock: a terminal that stands still must not keep a second signal out.
    messages.accept(
        "stopping: the step is finished and saved first"
            + (name.equals("INT") ? "; a second INT ends at once, without saving" : ""));
  }

  /** Says what the person should know, unless the terminal stands still. */
  private void sayFarewell() {
    if (farewell != null) {
      run("farewell", () -> messages.accept(farewell));
    }
  }

  /**
   * Removes what is unfinished, by another thread, as a disk that does not answer holds none up.
   */
  private static void removeUnfinished() {
    run("unfinished", Unfinished::end);
  }

  /** Runs something in a thread of its own, and waits for it a second at most. */
  private static void run(String name, Runnable action) {
    Thread thread = new Thread(action, name);
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join(MOST_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Answers the signal that asks for a checkpoint. */
  void receivedSave() {
    if (attended) {
      save.set(true);
      messages.accept("a checkpoint follows after this step");
    }
  }

  /** Returns the code to end with: the command's, or the signal's if the command went well. */
  public int exitCode(int ofCommand) {
    return signal != 0 && ofCommand == ExitCode.OK.code() ? SIGNAL_BASE + signal : ofCommand;
  }

  /**
   * The virtual machine's signals. Its class for them is outside of the language's standard and
   * warned of by compilers, hence reached by name; a machine without it keeps its own answers.
   */
  private static final class Signals {
    private Signals() {}

    static void handle(String name, Runnable action) {
      try {
        Class<?> signalClass = Class.forName("sun.misc.Signal");
        Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
        InvocationHandler answer =
            (proxy, method, arguments) -> {
              if (method.getDeclaringClass() == Object.class) {
                return objectMethod(proxy, method, arguments);
              }
              action.run();
              return null;
            };
        Object handler =
            Proxy.newProxyInstance(
                handlerClass.getClassLoader(), new Class<?>[] {handlerClass}, answer);
        Object signal = signalClass.getConstructor(String.class).newInstance(name);
        Method handle = signalClass.getMethod("handle", signalClass, handlerClass);
        Object before = handle.invoke(null, signal, handler);
        if (before == handlerClass.getField("SIG_IGN").get(null)) {
          handle.invoke(null, signal, before);
        }
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        // Another virtual machine: signals end the process, the last checkpoint stays.
      }
    }

    private static Object objectMethod(Object proxy, Method method, Object[] arguments) {
      return switch (method.getName()) {
        case "equals" -> proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "signal handler";
      };
    }
  }
}
