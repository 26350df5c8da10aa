package org.alexnet4j.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.NativeStatus;
import org.alexnet4j.io.FormatException;
import org.junit.jupiter.api.Test;

final class FailuresTest {
  @Test
  void codesSayWhatWasAtFault() {
    assertEquals(ExitCode.USAGE, Failures.code(new IllegalArgumentException("batch is 0")));
    assertEquals(ExitCode.USAGE, Failures.code(new NoSuchFileException("runs/typo")));
    assertEquals(ExitCode.DATA, Failures.code(new DataException("a.jpg", "cut off", "whole")));
    assertEquals(
        ExitCode.DATA, Failures.code(new FormatException(Path.of("x.npy"), "byte 0", "no")));
    assertEquals(
        ExitCode.CHECKPOINT,
        Failures.code(new FormatException(Path.of("x.safetensors"), "byte 0", "no")));
    assertEquals(
        ExitCode.DEVICE, Failures.code(new NativeException(NativeStatus.NO_DEVICE, "no GPU")));
    assertEquals(ExitCode.DEVICE, Failures.code(new UnsatisfiedLinkError("libalexnet.so")));
    assertEquals(ExitCode.OTHER, Failures.code(new IOException("No space left on device")));
    assertEquals(ExitCode.OTHER, Failures.code(new IllegalStateException("a bug")));
    assertEquals(
        ExitCode.DIVERGED, Failures.code(new CommandException(ExitCode.DIVERGED, "loss is NaN")));
  }

  @Test
  void linesAreForPeople() {
    assertEquals("/no: no such file or folder", Failures.line(new NoSuchFileException("/no")));
    assertEquals("/no: permission denied", Failures.line(new AccessDeniedException("/no")));
    assertEquals("one; two", Failures.line(new IllegalArgumentException("one\n  two")));
    assertEquals("IllegalStateException: a bug", Failures.line(new IllegalStateException("a bug")));
    assertEquals("NullPointerException: null", Failures.line(new NullPointerException(null)));
  }
}
