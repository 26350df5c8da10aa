package org.alexnet4j.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes together of precisions and algorithms, and what is said of it. */
class ArithmeticTest {
  @Test
  void anAlgorithmOfItsOwnIsForFloat32() {
    List<String> remarks = new ArrayList<>();
    for (Precision precision : Precision.values()) {
      for (Algorithm algorithm : Algorithm.values()) {
        if (precision == Precision.FP32 || algorithm == Algorithm.DIRECT) {
          remarks.add(new Arithmetic(precision, algorithm).remark());
        } else {
          Exception e =
              assertThrows(
                  IllegalArgumentException.class, () -> new Arithmetic(precision, algorithm));
          assertEquals(
              "algorithm is "
                  + algorithm
                  + " and precision is "
                  + precision
                  + ", but Winograd's transforms are for factors that nothing rounds; allowed:"
                  + " algorithm direct, or precision fp32",
              e.getMessage());
        }
      }
    }
    assertEquals(
        List.of("", ", winograd2", ", winograd4", ", tf32", ", bf16", ", 3xtf32"), remarks);
    assertEquals(Arithmetic.DEFAULT, Arithmetic.of(Precision.FP32));
    assertEquals(Arithmetic.DEFAULT, Arithmetic.of(Algorithm.DIRECT));
    assertEquals(", bf16", Arithmetic.of(Precision.BF16).remark());
    assertEquals(", winograd4", Arithmetic.of(Algorithm.WINOGRAD4).remark());
  }

  @Test
  void eachIsFoundByItsNameAlone() {
    for (Algorithm algorithm : Algorithm.values()) {
      assertEquals(algorithm, Algorithm.parse("x", algorithm.toString()));
    }
    for (Precision precision : Precision.values()) {
      assertEquals(precision, Precision.parse("x", precision.toString()));
    }
    for (String name : List.of("winograd", "DIRECT", "winograd6", "")) {
      Exception e =
          assertThrows(IllegalArgumentException.class, () -> Algorithm.parse("--algorithm", name));
      assertEquals(
          "--algorithm is '" + name + "'; allowed: direct, winograd2, winograd4", e.getMessage());
    }
  }
}
