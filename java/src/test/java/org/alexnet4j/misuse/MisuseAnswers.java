package org.alexnet4j.misuse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Collects the answers to wrong calls, and prints a line for each. */
abstract class MisuseAnswers {
  static final Class<IllegalStateException> STATE = IllegalStateException.class;
  static final Class<IllegalArgumentException> ARGUMENT = IllegalArgumentException.class;
  static final Class<IndexOutOfBoundsException> BOUNDS = IndexOutOfBoundsException.class;

  final Path folder;
  private boolean failed;

  /** Makes cases that may write into a folder. */
  MisuseAnswers(Path folder) {
    this.folder = folder;
  }

  /** Makes the calls; returns whether each was answered as it must be. */
  final boolean run() throws Exception {
    cases();
    return !failed;
  }

  abstract void cases() throws Exception;

  /** A call. */
  interface Call {
    void run() throws Exception;
  }

  /** Makes a call that must fail so. */
  final void expect(String name, Class<? extends Throwable> type, String text, Call call) {
    String outcome = "no exception";
    try {
      call.run();
    } catch (Throwable e) {
      String message = String.valueOf(e.getMessage());
      if (type.isInstance(e)
          && !(e instanceof ArrayIndexOutOfBoundsException)
          && message.contains(text)) {
        System.out.println("ok   " + name + ": " + message);
        return;
      }
      outcome = e.toString();
    }
    failed = true;
    System.out.println("FAIL " + name + ": " + outcome + "; wanted: " + type + " " + text);
  }

  /** Fails unless something holds. */
  final void require(String name, boolean holds) {
    failed |= !holds;
    System.out.println((holds ? "ok   " : "FAIL ") + name);
  }

  /** Returns a file that is mapped and has been cut. */
  final ByteBuffer cut(String name, int bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, new byte[bytes]);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
      channel.truncate(0);
      return mapped;
    }
  }
}
