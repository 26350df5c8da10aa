package org.alexnet4j.foreign;

import java.io.IOException;
import java.nio.file.Path;
import org.alexnet4j.io.AtomicFile;

/** A Python module that defines the network for PyTorch, and its weights beside it. */
final class TorchExport {
  private static final String MODULE = ".py";

  private TorchExport() {}

  /** Returns where the weights of a module are: its name, with another ending. */
  static Path weights(Path module) {
    String name = module.getFileName().toString();
    return module.resolveSibling(
        name.substring(0, name.length() - MODULE.length()) + ".safetensors");
  }

  /**
   * Writes the weights, then the module, so that a module that is there has its weights.
   *
   * @throws IllegalArgumentException if PyTorch has no counterpart for a layer; names it
   */
  static void write(ExportedNetwork network, Path to) throws IOException {
    boolean folded = DropoutFactor.isPowerOfTwo(network.network());
    String text = TorchModule.text(network, folded);
    SafetensorsExport.write(network, folded, weights(to));
    AtomicFile.writeText(to, text);
  }
}
