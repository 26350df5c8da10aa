package org.alexnet4j.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts of glibc's loader are as it prints them. */
class LoaderTextTest {
  private static final Path LIBRARY = Path.of("/c/natives/1f/libalexnet.so");

  @ParameterizedTest
  @CsvSource({
    "/lib/x86_64-linux-gnu/libc.so.6, GLIBC_2.34, glibc 2.34",
    "/lib/x86_64-linux-gnu/libm.so.6, GLIBC_2.35, glibc 2.35",
    "/lib/x86_64-linux-gnu/libstdc++.so.6, GLIBCXX_3.4.30, a libstdc++ with GLIBCXX_3.4.30",
    "/lib/x86_64-linux-gnu/libstdc++.so.6, CXXABI_1.3.13, a libstdc++ with CXXABI_1.3.13"
  })
  void anOlderSystemIsNamedByWhatItLacks(String file, String version, String needed) {
    String said =
        LIBRARY + ": " + file + ": version `" + version + "' not found (required by " + LIBRARY;
    assertEquals(
        "libalexnet.so was built for "
            + needed
            + ", and this system's is older; take a newer system, or build alexnet4j from its"
            + " sources on this one",
        LoaderText.explain(LIBRARY, said + ")"));
  }

  @Test
  void everythingElseIsSaidAsTheLoaderSaysIt() {
    assertEquals(
        LIBRARY + " cannot be loaded: libstdc++.so.6: cannot open shared object file",
        LoaderText.explain(LIBRARY, "libstdc++.so.6: cannot open shared object file"));
  }

  @Test
  void aNameWithALineBreakStaysOnTheLine() {
    assertEquals("/a b is no folder", LoaderText.line("/a\nb is no folder"));
  }
}
