package org.alexnet4j.tower.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.alexnet4j.ranks.RankWay;
import org.alexnet4j.tower.link.RankWayChoice.Card;
import org.junit.jupiter.api.Test;

/** When bytes go from GPU to GPU, and what is said when they do not. */
final class RankWayChoiceTest {
  private static Card gpu(RankWay wanted, String host, String gpu, String library) {
    return new Card(
        wanted, host, List.of("cuda:0"), List.of(gpu), library, library.isEmpty() ? "none" : "");
  }

  private static Card cpu(RankWay wanted, String library) {
    return new Card(wanted, "a", List.of("cpu:0"), List.of(""), library, "not looked for");
  }

  private static String refusal(Card... cards) {
    return assertThrows(IllegalArgumentException.class, () -> RankWayChoice.of(List.of(cards)))
        .getMessage();
  }

  @Test
  void ncclIsTakenWhereAllRanksHaveGpusOfTheirOwn() {
    RankWayChoice choice =
        RankWayChoice.of(
            List.of(
                gpu(RankWay.AUTO, "a", "0000:17:00", "NCCL 2.18.3"),
                gpu(RankWay.AUTO, "a", "0000:65:00", "NCCL 2.18.3"),
                gpu(RankWay.AUTO, "b", "0000:17:00", "NCCL 2.18.3")));
    assertTrue(choice.byNccl());
    assertEquals(
        Optional.of("moves between ranks go from device to device, by NCCL 2.18.3"), choice.note());
  }

  @Test
  void elsewhereTheHostsAreTheWayAndGpusHearWhy() {
    assertEquals(
        new RankWayChoice(false, Optional.empty()),
        RankWayChoice.of(List.of(cpu(RankWay.AUTO, ""), cpu(RankWay.AUTO, ""))));
    assertEquals(
        Optional.of("moves between ranks go by way of the host: rank 1 on b: none"),
        RankWayChoice.of(
                List.of(
                    gpu(RankWay.AUTO, "a", "0000:17:00", "NCCL 2.18.3"),
                    gpu(RankWay.AUTO, "b", "0000:17:00", "")))
            .note());
    assertEquals(
        Optional.of(
            "moves between ranks go by way of the host: rank 1 on a has a tower on the same GPU"
                + " (0000:17:00) as rank 0"),
        RankWayChoice.of(
                List.of(
                    gpu(RankWay.AUTO, "a", "0000:17:00", "NCCL 2.18.3"),
                    gpu(RankWay.AUTO, "a", "0000:17:00", "NCCL 2.18.3")))
            .note());
    assertFalse(
        RankWayChoice.of(List.of(gpu(RankWay.AUTO, "a", "0000:17:00", "a stand-in for NCCL 2.7.0")))
            .byNccl());
  }

  @Test
  void theWishOfRank0Counts() {
    assertFalse(
        RankWayChoice.of(
                List.of(
                    gpu(RankWay.HOST, "a", "0000:17:00", "NCCL 2.18.3"),
                    gpu(RankWay.NCCL, "b", "0000:17:00", "NCCL 2.18.3")))
            .byNccl());
    assertTrue(
        RankWayChoice.of(
                List.of(
                    cpu(RankWay.NCCL, "a stand-in for NCCL 2.7.0"),
                    cpu(RankWay.AUTO, "a stand-in for NCCL 2.7.0")))
            .byNccl());
  }

  @Test
  void ncclThatIsWantedAndMissingIsRefusedWithWhatIsMissing() {
    assertEquals(
        "ALEXNET_MOVES is 'nccl', but rank 1 on b: none; allowed here: auto, host",
        refusal(
            gpu(RankWay.NCCL, "a", "0000:17:00", "NCCL 2.18.3"),
            gpu(RankWay.NCCL, "b", "0000:17:00", "")));
    assertTrue(
        refusal(cpu(RankWay.NCCL, "NCCL 2.18.3"))
            .contains("rank 0 on a has a tower on cpu:0, which is no GPU"));
    assertTrue(
        refusal(
                gpu(RankWay.NCCL, "a", "0000:17:00", "NCCL 2.18.3"),
                gpu(RankWay.NCCL, "b", "0000:17:00", "NCCL 2.20.5"))
            .contains("rank 1 on b has NCCL 2.20.5, rank 0 on a NCCL 2.18.3"));
  }
}
