package org.alexnet4j.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.shape.Precision;
import org.junit.jupiter.api.Test;

/** The order of sums over slices and blocks: it decides bits, whoever computes them. */
class TreeSumTest {
  private static final int MASK = 99;

  private static List<String> sums(int... terms) {
    TowerDraft draft = new TowerDraft(0, Precision.FP32);
    for (int i = 0; i < terms.length; i++) {
      draft.buffer("term" + i, "sum", Kind.GRADIENT, 4 * 5, null);
    }
    TreeSum sum = new TreeSum(draft, "sum", MASK, false);
    for (int i = 0; i < terms.length; i++) {
      sum.add(terms[i], i == terms.length - 1);
    }
    return draft.backward.stream().map(Operation.Add.class::cast).map(TreeSumTest::text).toList();
  }

  private static String text(Operation.Add add) {
    assertEquals(5, add.count());
    String sum = add.y() + " = " + add.a() + " + " + add.b();
    return add.mask() == MASK ? sum + ", masked" : sum;
  }

  @Test
  void pairsFirstThenPairsOfPairs() {
    assertEquals(List.of("0 = 0 + 1, masked"), sums(0, 1));
    assertEquals(
        List.of(
            "0 = 0 + 1",
            "2 = 2 + 3",
            "0 = 0 + 2",
            "4 = 4 + 5",
            "6 = 6 + 7",
            "4 = 4 + 6",
            "0 = 0 + 4, masked"),
        sums(0, 1, 2, 3, 4, 5, 6, 7));
  }

  /** Three classes in eight blocks: the first, the third and the sixth have one. */
  @Test
  void whatIsNotThereAddsNothing() {
    assertEquals(List.of("0 = 0 + 2", "0 = 0 + 5, masked"), sums(0, -1, 2, -1, -1, 5, -1, -1));
  }
}
