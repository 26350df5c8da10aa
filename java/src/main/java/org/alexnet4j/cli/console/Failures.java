package org.alexnet4j.cli.console;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Pattern;
import org.alexnet4j.config.ConfigException;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.io.Printable;
import org.alexnet4j.run.DivergedException;
import org.alexnet4j.tower.DeviceMemoryException;
import org.alexnet4j.tower.TowerException;

/** Translates what a command threw into one line and an exit code; the one place that does. */
public final class Failures {
  /** Most characters of a line; names in it were cut before. */
  private static final int MAX_CHARACTERS = 2000;

  /** How the registry of kernels calls what ALEXNET_FAMILY_PASS or --kernel asks for. */
  private static final Pattern FORCED = Pattern.compile("which the (environment|stream) forces");

  private Failures() {}

  public static ExitCode code(Throwable failure) {
    if (failure instanceof UncheckedIOException wrapped) {
      return code(wrapped.getCause());
    }
    if (failure instanceof CommandException command) {
      return command.code();
    }
    if (failure instanceof DataException) {
      return ExitCode.DATA;
    }
    if (failure instanceof FormatException format) {
      return format.file().toString().endsWith(".npy") ? ExitCode.DATA : ExitCode.CHECKPOINT;
    }
    if (failure
        instanceof InternalError) { // a file that was mapped has been cut, or its disk fails
      return ExitCode.DATA;
    }
    if (failure instanceof DivergedException) {
      return ExitCode.DIVERGED;
    }
    boolean ofDevice = failure instanceof TowerException || failure instanceof NativeException;
    if (ofDevice && FORCED.matcher(String.valueOf(failure.getMessage())).find()) {
      return ExitCode
          .USAGE; // a variant that this kind of device lacks, or that does not take a shape
    }
    if (failure instanceof TowerException tower) {
      // A tower that does not answer has no other cause than its device.
      return tower.getCause() instanceof NativeException || tower.getCause() == null
          ? ExitCode.DEVICE
          : ExitCode.OTHER;
    }
    if (failure instanceof NativeException
        || failure instanceof DeviceMemoryException
        || failure instanceof LinkageError) {
      return ExitCode.DEVICE;
    }
    if (failure instanceof IllegalArgumentException
        || failure instanceof ConfigException
        || failure instanceof NoSuchFileException
        || failure instanceof OutputFolder.UnwritableException) {
      return ExitCode.USAGE;
    }
    return ExitCode.OTHER;
  }

  public static String line(Throwable failure) {
    if (failure instanceof UncheckedIOException wrapped) {
      return line(wrapped.getCause());
    }
    String text = String.valueOf(failure.getMessage());
    if (failure instanceof NoSuchFileException missing) {
      text = missing.getFile() + ": " + reason(missing, "no such file or folder");
    } else if (failure instanceof AccessDeniedException denied) {
      text = denied.getFile() + ": " + reason(denied, "permission denied");
    } else if (failure instanceof FileAlreadyExistsException existing) {
      text = existing.getFile() + ": " + reason(existing, "is in the way");
    } else if (failure instanceof NoClassDefFoundError) {
      text = "a part of the program is gone (" + text + "): its build was taken away while it ran";
    } else if (failure instanceof LinkageError) {
      text = "the native library cannot be loaded: " + text;
    } else if (failure instanceof InternalError) {
      text = "a file was cut, or its disk failed, while it was read (" + text + ")";
    } else if (failure instanceof OutOfMemoryError) {
      text = "the Java heap is full (" + text + "); ALEXNET_JAVA_OPTS=-Xmx4g allows more";
    } else if (!isPlain(failure)) {
      text = failure.getClass().getSimpleName() + ": " + text;
    }
    return Printable.text(joined(text), MAX_CHARACTERS);
  }

  /** Puts the lines of a text that somebody else wrote into one. */
  private static String joined(String text) {
    return text.lines().map(String::strip).filter(l -> !l.isEmpty()).collect(joining("; "));
  }

  private static String reason(FileSystemException e, String otherwise) {
    return e.getReason() == null ? otherwise : e.getReason();
  }

  /** Says whether the message was written for a person, so that the class adds nothing. */
  static boolean isPlain(Throwable failure) {
    return failure instanceof CommandException
        || failure instanceof NativeException
        || failure instanceof DeviceMemoryException
        || failure instanceof TowerException
        || failure instanceof ConfigException
        || failure instanceof DivergedException
        || failure.getClass() == IllegalArgumentException.class
        || failure instanceof UncheckedIOException
        || failure instanceof LinkageError
        || failure instanceof OutOfMemoryError
        || (failure instanceof IOException && failure.getMessage() != null);
  }
}
