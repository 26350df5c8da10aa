package org.alexnet4j.engine;

import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/** oneDNN: whether it can be called here. */
public final class OneDnnLibrary {
  private OneDnnLibrary() {}

  /** Returns one line that says what is missing, or nothing if the library can be called. */
  public static Optional<String> missing() {
    try {
      Loader.load(dnnl.class);
      return Optional.empty();
    } catch (LinkageError e) {
      return Optional.of(line(e));
    }
  }

  /** Returns the line for a failure to load: what the system's loader said, and what helps. */
  static String line(LinkageError failure) {
    return OptionalClasses.missing(failure, "oneDNN", "org.bytedeco:dnnl and org.bytedeco:opencl")
        .orElseGet(() -> "oneDNN is not usable: " + OptionalClasses.root(failure).getMessage());
  }
}
