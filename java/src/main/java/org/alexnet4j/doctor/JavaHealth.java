package org.alexnet4j.doctor;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The Java virtual machine, and how it reads names of files. */
final class JavaHealth {
  private JavaHealth() {}

  /**
   * Facts.
   *
   * @param name of the virtual machine with its version
   * @param charset of texts, from {@code file.encoding}
   * @param nameCharset of names of files, which the machine takes from the locale when it starts
   */
  record Facts(String name, String charset, String nameCharset) {}

  static Facts read() {
    return new Facts(
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        Charset.defaultCharset().name(),
        System.getProperty("sun.jnu.encoding"));
  }

  static List<Finding> judge(Facts facts) {
    Finding java = Finding.ok("java", facts.name);
    String utf8 = StandardCharsets.UTF_8.name();
    if (!utf8.equals(facts.nameCharset) || !utf8.equals(facts.charset)) {
      return List.of(
          java,
          Finding.problem(
              "locale",
              String.format(
                  Locale.ROOT,
                  "file names are read as %s and texts as %s: other letters are lost",
                  facts.nameCharset,
                  facts.charset),
              "install the locale C.UTF-8, or set LC_ALL to one of `locale -a` that ends with"
                  + " utf8"));
    }
    return List.of(java, Finding.ok("locale", "file names and texts are UTF-8"));
  }
}
