package org.alexnet4j.ranks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RankCardsTest {
  private static Map<String, String> card(String host, String classes, String images) {
    return Map.of("host", host, "classes", classes, "training images", images);
  }

  @Test
  void hostsMayDiffer() {
    RankCards.compare(List.of(card("a", "1f", "2:77"), card("b", "1f", "2:77")));
  }

  @Test
  void whatDiffersIsNamed() {
    List<Map<String, String>> cards =
        List.of(card("a", "1f", "2:77"), card("b", "1f", "2:77"), card("c", "1f", "2:78"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> RankCards.compare(cards));
    assertEquals(
        "rank 2 on c has other training images than rank 0 on a (2:78, not 2:77); all ranks need the"
            + " same build and data",
        e.getMessage());
  }
}
