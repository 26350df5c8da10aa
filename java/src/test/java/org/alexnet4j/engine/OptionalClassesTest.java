package org.alexnet4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OptionalClassesTest {
  private static NoClassDefFoundError absent(String name) {
    NoClassDefFoundError error = new NoClassDefFoundError(name);
    error.initCause(new ClassNotFoundException(name.replace('/', '.')));
    return error;
  }

  @Test
  void missingClassesAreToldApartFromMissingLibraries() {
    assertEquals(
        "oneDNN is not usable: its classes are not on the class path; add org.bytedeco:dnnl and"
            + " org.bytedeco:opencl, each also with the classifier linux-x86_64, of the versions in"
            + " alexnet4j's pom",
        OneDnnLibrary.line(absent("org/bytedeco/dnnl/global/dnnl")));
    assertTrue(
        CudnnLibrary.line(absent("org/bytedeco/cuda/global/cudart"))
            .startsWith("cuDNN is not usable: its classes are not on the class path; add org."));
    assertEquals(
        "oneDNN is not usable: no jnidnnl in java.library.path",
        OneDnnLibrary.line(new UnsatisfiedLinkError("no jnidnnl in java.library.path")));
  }

  /** The second use of a class whose initializer failed before. */
  @Test
  void aClassThatFailedBeforeIsNoMissingOne() {
    NoClassDefFoundError again =
        new NoClassDefFoundError("Could not initialize class org.bytedeco.dnnl.global.dnnl");
    assertEquals("oneDNN is not usable: " + again.getMessage(), OneDnnLibrary.line(again));
  }
}
