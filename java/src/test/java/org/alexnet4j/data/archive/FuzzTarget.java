package org.alexnet4j.data.archive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.alexnet4j.config.ConfigException;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.Npy;
import org.alexnet4j.io.Safetensors;

/**
 * Readers of foreign bytes: each must read its input or refuse it by its own exception. Jazzer
 * finds the method by its name; test-data/fuzz/README.md has the command.
 */
public final class FuzzTarget {
  private static final String READER = System.getProperty("alexnet.fuzz.reader", "tar");

  private FuzzTarget() {}

  /** One of the readers. */
  interface Reader {
    /** Reads all of an input, or refuses it. */
    void read(byte[] input) throws IOException;
  }

  /** What Jazzer calls, for the reader that {@code -Dalexnet.fuzz.reader} names. */
  public static void fuzzerTestOneInput(byte[] input) {
    attempt(Asked.READER, input);
  }

  /** Returns whether a reader read the input; false if it refused it by its own exception. */
  static boolean attempt(Reader reader, byte[] input) {
    try {
      reader.read(input);
      return true;
    } catch (IOException | ConfigException e) {
      return false;
    }
  }

  /** Opened with the first input only: the other readers have nothing to do with it. */
  private static final class Asked {
    static final Reader READER = create();

    private static Reader create() {
      try {
        Path file = Files.createTempFile("fuzz", "." + FuzzTarget.READER);
        file.toFile().deleteOnExit();
        return reader(FuzzTarget.READER, file);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Returns a reader; those of files read their input from a file that is written anew. */
  static Reader reader(String name, Path file) {
    return switch (name) {
      case "tar" -> FuzzTarget::tar;
      case "yaml" ->
          input -> ConfigReader.text("fuzz", new String(input, StandardCharsets.ISO_8859_1));
      case "zip" -> input -> zip(written(file, input));
      case "npy" -> input -> npy(written(file, input));
      case "safetensors" -> input -> safetensors(written(file, input));
      default -> throw new IllegalArgumentException("no reader '" + name + "'");
    };
  }

  private static Path written(Path file, byte[] input) throws IOException {
    return Files.write(
        file, input, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
  }

  private static void tar(byte[] input) throws IOException {
    TarMembers reader =
        new TarMembers(
            new ByteArrayInputStream(input), "fuzz.tar", input.length, new FileNote.Builder());
    while (reader.next()) {
      if (!reader.folder()) {
        reader.content();
      }
    }
  }

  private static void zip(Path file) throws IOException {
    try (ImageFiles files = ZipFiles.open(file)) {
      for (int i = 0; i < files.count(); i++) {
        if (!files.isFolder(i)) {
          files.read(i);
        }
      }
    }
  }

  private static void npy(Path file) throws IOException {
    try (Npy npy = Npy.open(file)) {
      npy.rowBytes();
      if (npy.dtype() == DType.FLOAT32) {
        npy.readFloats();
      }
    }
  }

  private static void safetensors(Path file) throws IOException {
    try (Safetensors tensors = Safetensors.open(file)) {
      tensors.tensors().size();
    }
  }
}
