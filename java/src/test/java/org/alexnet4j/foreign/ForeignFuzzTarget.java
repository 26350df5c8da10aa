package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.foreign.file.CaffeMean;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.foreign.file.ForeignTensor;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.net.NetworkSpec;

/**
 * Readers of other frameworks' files: each must read its input or refuse it by {@link
 * FormatException}; any other exception is a finding. Jazzer finds the method by its name;
 * test-data/fuzz/README.md has the command.
 */
public final class ForeignFuzzTarget {
  private static final NetworkSpec TORCHVISION = ConfigReader.preset("torchvision").network();
  private static final Configuration CAFFENET = ConfigReader.preset("caffenet");
  private static final List<NetworkSpec> CAFFE =
      List.of(CAFFENET.network(), ConfigReader.preset("paper-2012").network());
  private static final List<Weighted> LAYERS =
      TORCHVISION.layers().stream()
          .filter(Weighted.class::isInstance)
          .map(Weighted.class::cast)
          .toList();

  private ForeignFuzzTarget() {}

  /** Models for a prototxt: one that says nothing of its layers, and one that says all. */
  private static final class Described {
    static final List<ForeignFile> MODELS = create();

    private static List<ForeignFile> create() {
      try {
        Path folder = Files.createTempDirectory("fuzz");
        Map<String, Array> tiny = CaffeTexts.tiny();
        Path none = Files.write(folder.resolve("a.caffemodel"), CaffeTexts.stripped(true, tiny));
        Path all = folder.resolve("b.caffemodel");
        return List.of(
            ForeignFile.open(none),
            ForeignFile.open(SmallNetworks.caffeNetFile(all, false, tiny, 1e-4)));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Opened with the first input. */
  private static final class Asked {
    static final Path FILE = create();

    private static Path create() {
      try {
        String ending = "." + System.getProperty("alexnet.fuzz.reader", "pth");
        Path file = Files.createTempFile("fuzz", ending);
        file.toFile().deleteOnExit();
        return file;
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** What Jazzer calls first: loading classes is no part of an input's time. */
  public static void fuzzerInitialize() throws IOException {
    attempt(Asked.FILE, new byte[0]);
  }

  /** What Jazzer calls, for the reader of the ending that {@code -Dalexnet.fuzz.reader} names. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    attempt(Asked.FILE, input);
  }

  /** Returns whether an input was read, as a file of this name; false if it was refused. */
  static boolean attempt(Path file, byte[] input) throws IOException {
    Files.write(file, input, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    try {
      read(file);
      return true;
    } catch (FormatException e) {
      if (e.getMessage().lines().count() != 1) {
        throw new IllegalStateException("a message of several lines: " + e.getMessage(), e);
      }
      return false;
    }
  }

  private static void read(Path file) throws IOException {
    if (file.toString().endsWith(".binaryproto")) {
      CaffeMean.open(file).floats();
      return;
    }
    if (file.toString().endsWith(".prototxt")) {
      for (ForeignFile model : Described.MODELS) {
        described(model.describedBy(file));
      }
      return;
    }
    try (ForeignFile open = ForeignFile.open(file)) {
      FileTexts.configuration(open);
      KnownNetworks.classes(open);
      described(open);
      for (ForeignTensor tensor : open.tensors().values()) {
        tensor.floats();
      }
      if (!open.graph().nodes().isEmpty()) {
        ImmutableMap<String, ForeignTensor> found = TensorNames.find(open, TORCHVISION, LAYERS);
        OnnxStructure.difference(TORCHVISION, open, found);
      }
    }
  }

  private static void described(ForeignFile file) throws IOException {
    KnownNetworks.meanFile(file);
    KnownNetworks.input(file, CAFFENET);
    for (NetworkSpec network : CAFFE) {
      CaffeStructure.difference(network, file.layers(), Optional.empty());
    }
  }
}
