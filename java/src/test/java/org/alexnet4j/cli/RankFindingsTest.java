package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alexnet4j.doctor.Finding;
import org.alexnet4j.doctor.Finding.Level;
import org.alexnet4j.ranks.LocalRanks;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.text.Host;
import org.junit.jupiter.api.Test;

/** What several processes find together. */
final class RankFindingsTest {
  private static final Finding JAVA = new Finding(Level.OK, "java", "17", "");
  private static final Finding FULL = new Finding(Level.PROBLEM, "memory", "full", "free some");
  private static final Finding SLOW = new Finding(Level.NOTE, "memory", "slow", "");

  @Test
  void whatAllFindIsSaidOnceAndWhatSomeFindWithTheirHosts() {
    List<Finding> merged =
        RankFindings.merge(
            List.of("alpha", "alpha", "beta"),
            List.of(List.of(JAVA, SLOW), List.of(JAVA, FULL), List.of(JAVA, SLOW)));
    assertEquals(
        List.of(
            JAVA,
            new Finding(Level.NOTE, "memory", "ranks 0 on alpha and 2 on beta: slow", ""),
            new Finding(Level.PROBLEM, "memory", "rank 1 on alpha: full", "free some")),
        merged);
  }

  @Test
  void allGetWhatAllHaveFound() throws Exception {
    List<Ranks> ranks = List.copyOf(LocalRanks.of(2));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<List<Finding>>> found =
          ranks.stream()
              .map(
                  one ->
                      threads.submit(
                          () -> {
                            List<Finding> own = List.of(one.rank() == 0 ? JAVA : FULL);
                            return RankFindings.gather(one, RankFindings.withRanks(one, own));
                          }))
              .toList();
      String host = Host.name();
      List<Finding> expected =
          List.of(
              new Finding(Level.OK, "java", "rank 0 on " + host + ": 17", ""),
              new Finding(
                  Level.OK,
                  "ranks",
                  "ranks 0 on " + host + ", 1 on " + host + "; threads moves bytes between them",
                  ""),
              new Finding(Level.PROBLEM, "memory", "rank 1 on " + host + ": full", "free some"));
      assertEquals(expected, found.get(0).get());
      assertEquals(expected, found.get(1).get());
    } finally {
      threads.shutdownNow();
    }
  }
}
