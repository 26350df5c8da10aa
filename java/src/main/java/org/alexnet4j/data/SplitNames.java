package org.alexnet4j.data;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that people give to the folders of a set's parts, in any case. */
final class SplitNames {
  /** The parts. */
  enum Part {
    TRAIN,
    VAL,
    TEST
  }

  static final String KNOWN =
      "train, val and test, also training, validation, valid, testing, with _set or _images behind";

  private static final Pattern NAME =
      Pattern.compile(
          "(?i)(?:seg_)?(?:(?<train>train|training)|(?<val>val|valid|validation)|(?<test>test|testing))"
              + "(?:[-_ ]?(?:set|data|dataset|images|imgs))?");

  private SplitNames() {}

  /** Returns which part a folder of this name is, if it is one. */
  static Optional<Part> of(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (matcher.group("train") != null) {
      return Optional.of(Part.TRAIN);
    }
    return Optional.of(matcher.group("val") != null ? Part.VAL : Part.TEST);
  }
}
