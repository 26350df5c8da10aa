package org.alexnet4j.data.folder;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that people give to the folders of a set's parts, in any case. */
public final class SplitNames {
  /** The parts. */
  public enum Part {
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

  /** Begins like a part and goes on with numbers alone, as train2017 does. */
  private static final Pattern NUMBERED =
      Pattern.compile("(?i)(train(ing)?|val(id(ation)?)?|test(ing)?)[-_ .0-9]*");

  /** Begins like a part and goes on with anything, as train_station does. */
  private static final Pattern BEGINNING =
      Pattern.compile("(?i)(train(ing)?|val(id(ation)?)?|test(ing)?)([^\\p{L}].*)?");

  private SplitNames() {}

  /**
   * Says whether a folder of this name is hardly a class beside another one of such a name.
   *
   * @param holdsFolders whether it has folders and no images, as parts have
   */
  static boolean isLike(String name, boolean holdsFolders) {
    return of(name).isPresent()
        || NUMBERED.matcher(name).matches()
        || holdsFolders && BEGINNING.matcher(name).matches();
  }

  /** Returns which part a folder of this name is, if it is one. */
  public static Optional<Part> of(String name) {
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
