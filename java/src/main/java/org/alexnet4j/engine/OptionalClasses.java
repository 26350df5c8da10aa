package org.alexnet4j.engine;

import java.util.Optional;

/** Bindings of libraries that a program need not have: how to come by them. */
final class OptionalClasses {
  private static final String PACKAGE = "org/bytedeco/";

  private OptionalClasses() {}

  /**
   * Returns one line if classes are missing, or nothing if something else failed.
   *
   * @param failure of the first use of a library
   * @param library its name
   * @param artifacts what a program depends on to have it
   */
  static Optional<String> missing(LinkageError failure, String library, String artifacts) {
    String name = String.valueOf(root(failure).getMessage()).replace('.', '/');
    boolean classes =
        failure instanceof NoClassDefFoundError && name.startsWith(PACKAGE) && !name.contains(" ");
    return classes
        ? Optional.of(
            library
                + " is not usable: its classes are not on the class path; add "
                + artifacts
                + ", each also with the classifier linux-x86_64, of the versions in alexnet4j's pom")
        : Optional.empty();
  }

  /** Returns what a failure began with. */
  static Throwable root(Throwable failure) {
    Throwable reason = failure;
    while (reason.getCause() != null) {
      reason = reason.getCause();
    }
    return reason;
  }
}
