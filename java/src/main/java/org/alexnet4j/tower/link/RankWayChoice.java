package org.alexnet4j.tower.link;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.ranks.RankWay;

/**
 * Decides how bytes get from rank to rank, from what all of them say, and so alike on all.
 *
 * @param byNccl whether from device to device
 * @param note a line for a person; none where there was nothing to choose
 */
record RankWayChoice(boolean byNccl, Optional<String> note) {
  /**
   * What one rank says.
   *
   * @param wanted which way
   * @param host its machine
   * @param devices of its towers
   * @param gpus which GPUs these are on that machine; empty for what is none
   * @param library name and version of its NCCL; empty if there is none
   * @param missing why there is none; empty if there is
   */
  record Card(
      RankWay wanted,
      String host,
      List<String> devices,
      List<String> gpus,
      String library,
      String missing) {}

  private static final String HOST = "moves between ranks go by way of the host: ";

  /**
   * Decides; the wish of rank 0 counts.
   *
   * @param cards of the ranks, in their order
   * @throws IllegalArgumentException if NCCL is wanted and cannot be had; the text says where and
   *     why
   */
  static RankWayChoice of(List<Card> cards) {
    RankWay wanted = cards.get(0).wanted;
    boolean onGpus = cards.stream().flatMap(card -> card.gpus.stream()).noneMatch(String::isEmpty);
    if (wanted == RankWay.HOST || (wanted == RankWay.AUTO && !onGpus)) {
      return new RankWayChoice(false, Optional.empty());
    }
    Optional<String> obstacle = obstacle(cards, wanted == RankWay.NCCL);
    if (obstacle.isEmpty()) {
      String by = cards.get(0).library;
      return new RankWayChoice(
          true, Optional.of("moves between ranks go from device to device, by " + by));
    }
    if (wanted == RankWay.NCCL) {
      throw new IllegalArgumentException(
          RankWay.VARIABLE
              + " is 'nccl', but "
              + obstacle.get()
              + "; allowed here: "
              + RankWay.AUTO
              + ", "
              + RankWay.HOST);
    }
    return new RankWayChoice(false, Optional.of(HOST + obstacle.get()));
  }

  /** Returns what keeps NCCL from moving between these ranks. */
  private static Optional<String> obstacle(List<Card> cards, boolean isAsked) {
    Card first = cards.get(0);
    Map<String, Integer> rankOf = new HashMap<>(); // by machine, tower and GPU
    for (int rank = 0; rank < cards.size(); rank++) {
      Card card = cards.get(rank);
      String who = "rank " + rank + " on " + card.host;
      boolean isStandIn = card.library.startsWith("a stand-in"); // of tests, for what is no GPU
      if (card.gpus.contains("") && !isStandIn) {
        String device = card.devices.get(card.gpus.indexOf(""));
        return Optional.of(who + " has a tower on " + device + ", which is no GPU");
      }
      if (card.library.isEmpty()) {
        return Optional.of(who + ": " + card.missing);
      }
      if (isStandIn && !isAsked) {
        return Optional.of(who + " has opened " + card.library);
      }
      if (!card.library.equals(first.library)) {
        String other = ", rank 0 on " + first.host + " " + first.library;
        return Optional.of(who + " has " + card.library + other);
      }
      for (int tower = 0; tower < card.gpus.size() && !isStandIn; tower++) {
        String gpu = card.gpus.get(tower);
        Integer other = rankOf.put(card.host + " " + tower + " " + gpu, rank);
        if (other != null) {
          return Optional.of(who + " has a tower on the same GPU (" + gpu + ") as rank " + other);
        }
      }
    }
    return Optional.empty();
  }
}
