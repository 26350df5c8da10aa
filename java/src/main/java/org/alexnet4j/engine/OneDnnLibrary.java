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
      Throwable reason = e;
      while (reason.getCause() != null) {
        reason = reason.getCause();
      }
      return Optional.of("oneDNN is not usable: " + reason.getMessage());
    }
  }
}
