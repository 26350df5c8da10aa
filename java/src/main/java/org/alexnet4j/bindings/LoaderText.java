package org.alexnet4j.bindings;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the system's loader says, in a line for the person who has to do something about it. */
final class LoaderText {
  private static final Pattern VERSION =
      Pattern.compile("version [`'](GLIBC|GLIBCXX|CXXABI)_([0-9.]+)' not found");

  private LoaderText() {}

  /**
   * Returns why a library cannot be loaded.
   *
   * @param library its file
   * @param said by the system's loader
   */
  static String explain(Path library, String said) {
    Matcher version = VERSION.matcher(said);
    if (!version.find()) {
      return library + " cannot be loaded: " + said;
    }
    boolean c = version.group(1).equals("GLIBC");
    return library.getFileName()
        + " was built for "
        + (c ? "glibc " : "a libstdc++ with " + version.group(1) + "_")
        + version.group(2)
        + ", and this system's is older; take a newer system, or build alexnet4j from its sources"
        + " on this one";
  }

  /** Returns a text without what would break its line. */
  static String line(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
