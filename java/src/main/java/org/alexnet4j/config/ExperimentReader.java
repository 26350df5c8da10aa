package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.config.ExperimentSpec.Comparison;
import org.alexnet4j.config.ExperimentSpec.Measure;
import org.alexnet4j.config.ExperimentSpec.Scale;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.text.Suggestion;

/**
 * Reads experiments: a base, and variants as differences from it.
 *
 * @hidden
 */
public final class ExperimentReader {
  /** The experiments that come with the program. */
  public static final ImmutableList<String> SHIPPED =
      ImmutableList.of(
          "section-3",
          "section-4",
          "table-1",
          "table-2",
          "figure-1",
          "figure-3",
          "figure-4",
          "fine-tuning",
          "cifar10",
          "precision",
          "algorithm");

  static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,79}");

  /** The end of a message about a name of a variant. */
  static final String NO_NAME =
      "is no name of a variant; allowed: up to 80 letters, digits, . _ and -";

  private static final Pattern PART = Pattern.compile("([0-9]{1,3})/([0-9]{1,3})");

  private static final Map<String, Measure> MEASURES =
      Map.of(
          "error", Measure.ERROR,
          "epochs-to-quarter", Measure.EPOCHS_TO_QUARTER,
          "colour", Measure.COLOUR,
          "figure-4", Measure.FIGURE_4);

  /** Whether held-out images are seen through ten views. */
  static final Map<String, Boolean> VIEWS = Map.of("centre", false, "ten", true);

  private final ConfigNode root;
  private final Scale scale;
  private final Measure measure;
  private final ImmutableList<Long> seeds;
  private final Sweep sweep;

  private ExperimentReader(ConfigNode root, Optional<Scale> asked) {
    this.root = root;
    Scale own = scale(root);
    this.scale = asked.orElse(own);
    this.measure = root.choice("measure", MEASURES, Measure.ERROR);
    this.seeds = seeds(root, null);
    this.sweep = Sweep.of(root);
  }

  /**
   * Reads an experiment that comes with the program or, if there is none of this name, a file.
   *
   * @param shippedOrFile a name or a path
   * @param asked a scale in place of the file's
   * @return the experiment, complete
   * @throws ConfigException if there is neither, or it says something impossible
   */
  public static ExperimentSpec named(String shippedOrFile, Optional<Scale> asked) {
    if (SHIPPED.contains(shippedOrFile)) {
      String name = shippedOrFile + ".yaml";
      return text(name, ConfigReader.resource("/experiments/" + name), asked);
    }
    Path file = Path.of(shippedOrFile);
    if (!Files.exists(file)) {
      throw new ConfigException(
          shippedOrFile
              + ": neither a file nor an experiment; "
              + Suggestion.allowed(shippedOrFile, SHIPPED));
    }
    return text(ConfigReader.fileName(file), ConfigReader.content(file), asked);
  }

  /** Reads a text; {@code name} is what messages call it. */
  static ExperimentSpec text(String name, String text, Optional<Scale> asked) {
    return new ExperimentReader(ConfigParser.parse(name, text), asked).read(name);
  }

  private ExperimentSpec read(String file) {
    String name = ConfigReader.name(root, file.replaceFirst("\\.ya?ml$", ""));
    if (root.has("ensembles")) {
      requireErrors(root, "ensembles");
    }
    ImmutableList<Variant> variants = variants(file);
    ImmutableList<EnsembleSpec> ensembles = new EnsembleReader(variants).read(root);
    ExperimentSpec spec =
        new ExperimentSpec(
            name,
            root.text("title", name),
            root.text("paper", ""),
            optional(root, "data"),
            seeds,
            scale,
            measure,
            variants,
            ensembles,
            published(),
            comparisons(variants, ensembles));
    root.finish();
    return spec;
  }

  private ImmutableMap<String, String> published() {
    ImmutableMap.Builder<String, String> rows = ImmutableMap.builder();
    if (root.has("published")) {
      root.field("published").entries().forEach((name, node) -> rows.put(name, node.text()));
    }
    return rows.buildOrThrow();
  }

  /** Refuses a setting of how errors are measured where something else is. */
  private void requireErrors(ConfigNode node, String key) {
    if (measure != Measure.ERROR) {
      throw node.field(key).error("would have no effect; allowed: only with measure: error");
    }
  }

  /** Returns whether a node says ten views, or nothing where they are the default. */
  private boolean tenViews(ConfigNode node, boolean ifAbsent) {
    if (node.has("views")) {
      requireErrors(node, "views");
    }
    return node.choice("views", VIEWS, ifAbsent);
  }

  static Optional<String> optional(ConfigNode node, String key) {
    return node.has(key) ? Optional.of(node.field(key).text()) : Optional.empty();
  }

  private static Scale scale(ConfigNode root) {
    if (!root.has("scale")) {
      return Scale.FULL;
    }
    ConfigNode node = root.field("scale");
    Scale scale =
        new Scale(
            node.number("width", w -> w > 0 && w <= 4, "above 0, at most 4", 1),
            node.integer("classes", 2, 1_000_000, 0),
            node.integer("epochs", 1, Integer.MAX_VALUE, 0));
    node.finish();
    return scale;
  }

  /**
   * Reads seeds.
   *
   * @param among those that are allowed, or null for any
   */
  static ImmutableList<Long> seeds(ConfigNode node, List<Long> among) {
    ImmutableList.Builder<Long> seeds = ImmutableList.builder();
    Set<Integer> seen = new HashSet<>();
    for (int seed : node.integers("seeds", 0)) {
      if (!seen.add(seed)) {
        throw node.field("seeds").error("has " + seed + " twice; allowed: each seed once");
      }
      if (among != null && !among.contains((long) seed)) {
        throw node.field("seeds").error("has " + seed + "; allowed: of " + among);
      }
      seeds.add((long) seed);
    }
    if (seen.isEmpty()) {
      throw node.error("lacks seeds; allowed: a list of whole numbers, such as [1, 2, 3]");
    }
    return seeds.build();
  }

  private ImmutableList<Variant> variants(String file) {
    ImmutableList.Builder<Variant> variants = ImmutableList.builder();
    Map<String, Variant> before = new LinkedHashMap<>();
    Map<String, List<ConfigNode>> swept = sweep.combinations();
    Map<String, ConfigNode> stated =
        root.has("variants") || sweep.isEmpty() // or there is nothing to train
            ? root.field("variants").entries()
            : Map.of("", root.withFields(Map.of()));
    stated.forEach(
        (name, node) ->
            swept.forEach(
                (values, changes) -> {
                  String both = name(name, values, node);
                  Variant variant = variant(file, both, node, changes, before);
                  variants.add(variant);
                  before.put(both, variant);
                }));
    if (before.isEmpty()) {
      throw root.field("variants").error("is empty; allowed: one variant or more");
    }
    return variants.build();
  }

  /** Returns the name of a variant with swept values. */
  private String name(String stated, String values, ConfigNode node) {
    if (!stated.isEmpty() && !NAME.matcher(stated).matches()) {
      throw node.error(NO_NAME);
    }
    String both = stated.isEmpty() || values.isEmpty() ? stated + values : stated + "-" + values;
    if (!NAME.matcher(both).matches()) {
      throw root.field("sweep").error("makes '" + both + "', which " + NO_NAME);
    }
    return both;
  }

  private Variant variant(
      String file,
      String name,
      ConfigNode node,
      List<ConfigNode> swept,
      Map<String, Variant> before) {
    node.requireMapping();
    ImmutableList<Long> own = node.has("seeds") ? seeds(node, seeds) : seeds;
    Optional<String> from = Optional.empty();
    ImmutableMap<String, StartSpec.Mode> layers = ImmutableMap.of();
    Configuration configuration = configuration(file, name, node, swept);
    if (node.has("start")) {
      ConfigNode start = node.field("start");
      if (node.has("change") && node.field("change").has("start")) {
        throw node.field("change")
            .field("start")
            .error("has no effect beside " + start.where() + "; allowed: one of the two");
      }
      String source = start.field("variant").text();
      if (!before.containsKey(source)) {
        throw start
            .field("variant")
            .error(
                "is '"
                    + source
                    + "'; "
                    + Suggestion.allowed(source, before.keySet())
                    + " (stated before)");
      }
      List<Long> there = before.get(source).seeds();
      if (!there.containsAll(own)) {
        throw start.field("variant").error("has only the seeds " + there + ", not all of " + own);
      }
      from = Optional.of(source);
      layers = ConfigReader.startLayers(start, configuration.network());
      start.finish();
    }
    Variant variant =
        new Variant(
            name,
            optional(node, "paper"),
            configuration,
            part(node, "part", "classes"),
            from,
            layers,
            tenViews(node, tenViews(root, false)),
            own);
    node.finish();
    return variant;
  }

  /** Reads which of equal parts of something: {@code 2/2} is the second half. */
  static Optional<ExperimentSpec.Part> part(ConfigNode node, String key, String what) {
    if (!node.has(key)) {
      return Optional.empty();
    }
    Matcher part = PART.matcher(node.field(key).text());
    if (part.matches()) {
      int which = Integer.parseInt(part.group(1));
      int of = Integer.parseInt(part.group(2));
      if (which >= 1 && which <= of) {
        return Optional.of(new ExperimentSpec.Part(which, of));
      }
    }
    throw node.field(key)
        .error(
            "is '"
                + node.field(key).text()
                + "'; allowed: one of equal parts of the "
                + what
                + ", as in 1/2, 2/2");
  }

  /**
   * Refuses a key of a configuration that is no variant's to change: it has its own base and name.
   *
   * @param key of a change or a sweep
   * @param value what messages are about
   */
  static void requireOfVariants(String key, ConfigNode value) {
    if (key.equals("extends")) {
      throw value.error("changes no preset; allowed: base, of all variants or of one");
    }
    if (key.equals("name")) {
      throw value.error("has no effect; allowed: a name as the key of a variant");
    }
  }

  /** Returns what a variant trains: the base with the common changes, its own, and the scale. */
  private Configuration configuration(
      String file, String name, ConfigNode node, List<ConfigNode> swept) {
    List<ConfigNode> changes = new ArrayList<>();
    for (ConfigNode from : List.of(root, node)) {
      if (from.has("change")) {
        from.field("change").entries().forEach(ExperimentReader::requireOfVariants);
        changes.add(from.field("change"));
      }
    }
    sweep.refuseStated(node);
    changes.addAll(swept);
    ConfigNode base = node.has("base") ? node.field("base") : root.field("base");
    Configuration read = ConfigReader.changed(file, base, base.named(name), changes);
    Configuration scaled =
        scale.width() == 1 ? read : read.withNetwork(read.network().scaled(scale.width()));
    try {
      return scale.epochs() == 0 ? scaled : ScaledEpochs.of(scaled, scale.epochs());
    } catch (IllegalArgumentException e) {
      throw node.error(e);
    }
  }

  private ImmutableList<Comparison> comparisons(
      List<Variant> variants, List<EnsembleSpec> ensembles) {
    List<String> names = new ArrayList<>(variants.stream().map(Variant::name).toList());
    ensembles.forEach(ensemble -> names.add(ensemble.name()));
    ImmutableList.Builder<Comparison> comparisons = ImmutableList.builder();
    if (root.has("compare")) {
      for (ConfigNode node : root.field("compare").list("pairs {from: VARIANT, to: VARIANT}")) {
        comparisons.add(
            new Comparison(
                known(node.field("from"), names),
                known(node.field("to"), names),
                optional(node, "paper")));
        node.finish();
      }
    }
    return comparisons.build();
  }

  private static String known(ConfigNode node, List<String> names) {
    if (!names.contains(node.text())) {
      throw node.error("is '" + node.text() + "'; " + Suggestion.allowed(node.text(), names));
    }
    return node.text();
  }
}
