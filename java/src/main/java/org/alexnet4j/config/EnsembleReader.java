package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.alexnet4j.config.EnsembleSpec.Member;
import org.alexnet4j.config.EnsembleSpec.Mix;
import org.alexnet4j.config.ExperimentSpec.Part;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.text.Suggestion;

/**
 * Reads the ensembles of an experiment. Members that are names, {@code [a, b]}, are averaged seed
 * by seed; those with seeds, {@code [{variant: a, seeds: all}]}, all together.
 */
final class EnsembleReader {
  private static final String TUNED = "tuned";

  private final Map<String, Variant> variants = new LinkedHashMap<>();

  EnsembleReader(List<Variant> variants) {
    variants.forEach(variant -> this.variants.put(variant.name(), variant));
  }

  /** Reads {@code ensembles:}; none where there is none. */
  ImmutableList<EnsembleSpec> read(ConfigNode root) {
    ImmutableList.Builder<EnsembleSpec> ensembles = ImmutableList.builder();
    if (root.has("ensembles")) {
      root.field("ensembles").entries().forEach((name, node) -> ensembles.add(one(name, node)));
    }
    return ensembles.build();
  }

  private EnsembleSpec one(String name, ConfigNode node) {
    node.requireMapping();
    if (!ExperimentReader.NAME.matcher(name).matches()) {
      throw node.error("is no name of an ensemble; allowed: up to 80 letters, digits, . _ and -");
    }
    if (variants.containsKey(name)) {
      throw node.error("has the name of a variant; allowed: a name of its own");
    }
    ConfigNode list = node.field("members");
    ImmutableList<Mix> mixes = mixes(list);
    int members = mixes.get(0).members().size();
    Optional<Boolean> ten =
        node.has("views")
            ? Optional.of(node.choice("views", ExperimentReader.VIEWS, false))
            : Optional.empty();
    EnsembleSpec ensemble =
        new EnsembleSpec(
            name,
            ExperimentReader.optional(node, "paper"),
            ten,
            shares(node, members),
            tune(node, members),
            mixes);
    Variant first = variants.get(mixes.get(0).members().get(0).variant());
    if (members == 1 && ensemble.looksTen(first) == first.tenViews()) {
      throw list.error("has one network; allowed: two or more, or other views of one");
    }
    node.finish();
    return ensemble;
  }

  private ImmutableList<Mix> mixes(ConfigNode list) {
    List<ConfigNode> nodes = list.list("variants, or {variant: V, seeds: all}");
    boolean bySeed = nodes.get(0).isScalar();
    List<Variant> named = new ArrayList<>();
    List<Member> pooled = new ArrayList<>();
    for (ConfigNode node : nodes) {
      if (node.isScalar() != bySeed) {
        throw list.error("has members with and without seeds; allowed: one of both");
      }
      Variant variant = variant(bySeed ? node : node.field("variant"));
      requireSameClasses(node, named, variant);
      if (bySeed && named.contains(variant)) {
        throw node.error("comes twice");
      }
      named.add(variant);
      if (!bySeed) {
        for (long seed : seeds(node, variant)) {
          Member member = new Member(variant.name(), seed);
          if (pooled.contains(member)) {
            throw node.error("has " + member.run() + " twice; allowed: each network once");
          }
          pooled.add(member);
        }
        node.finish();
      }
    }
    return bySeed
        ? bySeed(list, named)
        : ImmutableList.of(new Mix(OptionalLong.empty(), ImmutableList.copyOf(pooled)));
  }

  private Variant variant(ConfigNode node) {
    Variant variant = variants.get(node.text());
    if (variant == null) {
      throw node.error(
          "is '" + node.text() + "'; " + Suggestion.allowed(node.text(), variants.keySet()));
    }
    return variant;
  }

  private static void requireSameClasses(ConfigNode node, List<Variant> before, Variant variant) {
    if (!before.isEmpty() && !before.get(0).part().equals(variant.part())) {
      throw node.error(
          String.format(
              Locale.ROOT,
              "learns %s, %s learns %s; allowed: members of the same classes",
              classes(variant),
              before.get(0).name(),
              classes(before.get(0))));
    }
  }

  private static String classes(Variant variant) {
    return variant
        .part()
        .map(part -> "part " + part.which() + "/" + part.of() + " of the classes")
        .orElse("all classes");
  }

  private static ImmutableList<Mix> bySeed(ConfigNode list, List<Variant> members) {
    Set<Long> common = new LinkedHashSet<>(members.get(0).seeds());
    members.forEach(member -> common.retainAll(member.seeds()));
    if (common.isEmpty()) {
      throw list.error("has members without a seed that all have; allowed: members with seeds");
    }
    return common.stream()
        .map(
            seed ->
                new Mix(
                    OptionalLong.of(seed),
                    members.stream()
                        .map(member -> new Member(member.name(), seed))
                        .collect(ImmutableList.toImmutableList())))
        .collect(ImmutableList.toImmutableList());
  }

  private static List<Long> seeds(ConfigNode node, Variant variant) {
    ConfigNode seeds = node.field("seeds");
    if (seeds.isScalar()) {
      if (!seeds.text().equals("all")) {
        throw seeds.error("is '" + seeds.text() + "'; allowed: all, or a list of seeds");
      }
      return variant.seeds();
    }
    return ExperimentReader.seeds(node, variant.seeds());
  }

  private static ImmutableList<Float> shares(ConfigNode node, int members) {
    if (!node.has("shares") || isTuned(node)) {
      return ImmutableList.of();
    }
    List<Float> shares = new ArrayList<>();
    for (ConfigNode share : node.field("shares").list("numbers, or tuned")) {
      shares.add(share.number(value -> value >= 0, "0 or more"));
    }
    if (shares.size() != members) {
      throw node.field("shares")
          .error(
              String.format(
                  Locale.ROOT,
                  "has %d numbers; allowed: %d, one for each network, or tuned",
                  shares.size(),
                  members));
    }
    if (new HashSet<>(shares).equals(Set.of(0f))) {
      throw node.field("shares").error("has only 0; allowed: one number above 0");
    }
    return ImmutableList.copyOf(shares);
  }

  private static boolean isTuned(ConfigNode node) {
    ConfigNode shares = node.has("shares") ? node.field("shares") : null;
    if (shares == null || !shares.isScalar()) {
      return false;
    }
    if (!shares.text().equals(TUNED)) {
      throw shares.error("is '" + shares.text() + "'; allowed: tuned, or a list of numbers");
    }
    return true;
  }

  private static Optional<Part> tune(ConfigNode node, int members) {
    if (!isTuned(node)) {
      if (node.has("tune")) {
        throw node.field("tune").error("is for shares: tuned; allowed: both or none");
      }
      return Optional.empty();
    }
    if (members < 2) {
      throw node.field("shares").error("is tuned for one network; allowed: two or more");
    }
    Optional<Part> part = ExperimentReader.part(node, "tune", "held-out images");
    if (part.isEmpty()) {
      throw node.error("lacks tune; allowed: the part of the held-out images, as in tune: 1/2");
    }
    if (part.get().of() < 2) {
      throw node.field("tune").error("leaves no image to measure; allowed: 1/2, 2/2, ...");
    }
    return part;
  }
}
