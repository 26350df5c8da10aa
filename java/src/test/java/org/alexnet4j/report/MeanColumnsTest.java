package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MeanColumnsTest {
  @Test
  void fewRowsStayAsTheyAre() {
    MeanColumns rows = new MeanColumns(2, 4);
    rows.add(1, 10);
    rows.add(2, Double.NaN);
    assertEquals(1, rows.perRow());
    assertArrayEquals(new float[] {1, 2}, rows.column(0));
    assertArrayEquals(new float[] {10, Float.NaN}, rows.column(1));
  }

  @Test
  void manyRowsBecomeMeansOfEquallyMany() {
    MeanColumns rows = new MeanColumns(1, 4);
    for (int i = 0; i < 11; i++) {
      rows.add(i);
    }
    assertEquals(4, rows.perRow());
    assertArrayEquals(new float[] {1.5f, 5.5f, 9}, rows.column(0));
  }

  @Test
  void noRowIsNoColumn() {
    assertEquals(0, new MeanColumns(1, 4).column(0).length);
  }
}
