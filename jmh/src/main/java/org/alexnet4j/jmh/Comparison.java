package org.alexnet4j.jmh;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Two results beside each other. A difference counts where the two 99.9 % confidence intervals do
 * not touch; that says nothing about a machine whose speed drifted between the runs.
 */
final class Comparison {
  private Comparison() {}

  /** Returns one line per benchmark of either side, those of the first in their order. */
  static String of(List<Score> before, List<Score> after) {
    StringBuilder text = new StringBuilder();
    line(text, "A", "B", "unit", "B/A", "", "benchmark");
    for (Score a : before) {
      Optional<Score> b = after.stream().filter(a::isOf).findFirst();
      b.ifPresentOrElse(
          other -> both(text, a, other),
          () -> line(text, number(a), "-", a.unit(), "", "only in A", name(a)));
    }
    for (Score b : after) {
      if (before.stream().noneMatch(b::isOf)) {
        line(text, "-", number(b), b.unit(), "", "only in B", name(b));
      }
    }
    return text.toString();
  }

  private static void both(StringBuilder text, Score a, Score b) {
    String ratio = String.format(Locale.ROOT, "%.3f", b.value() / a.value());
    line(text, number(a), number(b), a.unit(), ratio, verdict(a, b), name(a));
  }

  private static String verdict(Score a, Score b) {
    if (Double.isNaN(a.error()) || Double.isNaN(b.error())) {
      return "too few";
    }
    if (Math.abs(a.value() - b.value()) <= a.error() + b.error()) {
      return "same";
    }
    boolean more = b.value() > a.value();
    boolean timed = a.unit().endsWith("/op");
    return more == timed ? "slower" : "faster";
  }

  private static String number(Score score) {
    return Double.isNaN(score.error())
        ? String.format(Locale.ROOT, "%.3f", score.value())
        : String.format(Locale.ROOT, "%.3f ±%.3f", score.value(), score.error());
  }

  private static String name(Score score) {
    Map<String, String> sorted = new TreeMap<>(score.parameters());
    StringBuilder name = new StringBuilder(score.benchmark());
    sorted.forEach((key, value) -> name.append(' ').append(key).append('=').append(value));
    return name.toString();
  }

  private static void line(
      StringBuilder text, String a, String b, String unit, String ratio, String word, String name) {
    text.append(
        String.format(
            Locale.ROOT, "%20s %20s  %-6s %7s  %-9s  %s%n", a, b, unit, ratio, word, name));
  }
}
