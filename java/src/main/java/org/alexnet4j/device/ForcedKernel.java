package org.alexnet4j.device;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.alexnet4j.text.Suggestion;

/**
 * A variant that does a pass of a family of kernels, in place of the one chosen by shape or by
 * {@code ALEXNET_<FAMILY>_<PASS>}. {@link Kernels} lists all.
 *
 * @param family as in {@code conv}
 * @param pass as in {@code fprop}
 * @param variant as in {@code direct}
 */
public record ForcedKernel(String family, String pass, String variant) {
  private static final Pattern FORM = Pattern.compile("(\\w+)\\.(\\w+)=(\\w+)");

  /**
   * Reads {@code conv.fprop=direct}.
   *
   * @param what asks, for the message: an option
   * @param text what was asked
   * @return the kernel
   * @throws IllegalArgumentException if it has another form
   */
  public static ForcedKernel parse(String what, String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          what
              + " is '"
              + text
              + "'; allowed: FAMILY.PASS=VARIANT as 'kernels list' has them, for example"
              + " conv.fprop=direct");
    }
    return new ForcedKernel(form.group(1), form.group(2), form.group(3));
  }

  /** {@return the pass and its family, {@code conv.fprop}} */
  public String place() {
    return family + "." + pass;
  }

  /**
   * Checks that a kind of device has the variant.
   *
   * @throws IllegalArgumentException if not; the text says what there is
   */
  void requireOn(DeviceKind kind) {
    List<JsonObject> all =
        Kernels.list().stream().map(k -> JsonParser.parseString(k).getAsJsonObject()).toList();
    Predicate<JsonObject> ofFamily = kernel -> has(kernel, "family", family);
    Predicate<JsonObject> ofPass = ofFamily.and(kernel -> has(kernel, "pass", pass));
    String on = kind.toString().toLowerCase(Locale.ROOT);
    require("family", family, "there is no such family", names(all, "family", kernel -> true));
    require("pass", pass, family + " has no such pass", names(all, "pass", ofFamily));
    require(
        "variant",
        variant,
        place() + " has no such variant on " + on + " devices",
        names(all, "variant", ofPass.and(kernel -> has(kernel, "kind", on))));
  }

  private static boolean has(JsonObject kernel, String field, String value) {
    return kernel.get(field).getAsString().equals(value);
  }

  private static TreeSet<String> names(
      List<JsonObject> kernels, String field, Predicate<JsonObject> wanted) {
    return kernels.stream()
        .filter(wanted)
        .map(kernel -> kernel.get(field).getAsString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void require(String part, String name, String otherwise, TreeSet<String> allowed) {
    if (!allowed.contains(name)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "kernel is '%s' with the %s '%s', but %s; %s",
              this,
              part,
              name,
              otherwise,
              allowed.isEmpty() ? "none is built" : Suggestion.allowed(name, allowed)));
    }
  }

  @Override
  public String toString() {
    return place() + "=" + variant;
  }
}
