package org.alexnet4j.cli;

import com.google.common.collect.ImmutableList;
import com.google.gson.Gson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.alexnet4j.doctor.Finding;
import org.alexnet4j.doctor.Finding.Level;
import org.alexnet4j.ranks.RankCards;
import org.alexnet4j.ranks.RankTexts;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.text.Host;

/**
 * What {@code doctor} finds where each of several processes is: the findings of all of them, each
 * said once with the ranks that have it.
 */
final class RankFindings {
  private RankFindings() {}

  /** What one rank has found. */
  private record Report(String host, List<Finding> findings) {}

  /** Adds whether all ranks could train together. */
  static List<Finding> withRanks(Ranks ranks, List<Finding> own) throws IOException {
    Finding together;
    try {
      together = new Finding(Level.OK, "ranks", RankCards.require(ranks, Map.of()), "");
    } catch (IllegalArgumentException e) {
      together =
          new Finding(
              Level.PROBLEM, "ranks", e.getMessage(), "check out and build the same commit there");
    }
    return ImmutableList.<Finding>builder().addAll(own).add(together).build();
  }

  /** Gathers the findings of all ranks; all call it, and all get the same. */
  static List<Finding> gather(Ranks ranks, List<Finding> own) {
    Gson gson = new Gson();
    String text = gson.toJson(new Report(Host.name(), own));
    List<Report> all =
        RankTexts.gather(ranks, Ranks.CONTROL, text).stream()
            .map(one -> gson.fromJson(one, Report.class))
            .toList();
    return merge(
        all.stream().map(Report::host).toList(), all.stream().map(Report::findings).toList());
  }

  /**
   * Puts findings together: what all ranks have found is said as it is, anything else with its
   * ranks and their hosts in front.
   *
   * @param hosts of the ranks, in their order
   * @param findings likewise
   */
  static List<Finding> merge(List<String> hosts, List<List<Finding>> findings) {
    Map<Finding, List<Integer>> ranksOf = new LinkedHashMap<>();
    for (int rank = 0; rank < findings.size(); rank++) {
      for (Finding finding : findings.get(rank)) {
        ranksOf.computeIfAbsent(finding, key -> new ArrayList<>()).add(rank);
      }
    }
    List<Finding> merged = new ArrayList<>();
    ranksOf.forEach(
        (finding, ranks) ->
            merged.add(
                ranks.stream().distinct().count() == hosts.size()
                    ? finding
                    : new Finding(
                        finding.level(),
                        finding.subject(),
                        where(ranks, hosts) + ": " + finding.text(),
                        finding.remedy())));
    return merged;
  }

  /** Returns {@code rank 1 on beta} or {@code ranks 0, 1 on alpha and 2 on beta}. */
  private static String where(List<Integer> ranks, List<String> hosts) {
    String places =
        IntStream.range(0, hosts.size())
            .boxed()
            .filter(ranks::contains)
            .collect(Collectors.groupingBy(hosts::get, LinkedHashMap::new, Collectors.toList()))
            .entrySet()
            .stream()
            .map(
                e ->
                    e.getValue().stream().map(String::valueOf).collect(Collectors.joining(", "))
                        + " on "
                        + e.getKey())
            .collect(Collectors.joining(" and "));
    return (ranks.size() > 1 ? "ranks " : "rank ") + places;
  }
}
