package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.shape.InputShape;
import org.junit.jupiter.api.Test;

final class PlanReportTest {
  private static final Plan PAPER =
      Planner.plan(AlexNet.paper2012(), 128, Purpose.TRAIN, InputShape.Mean.CHANNEL, 0);

  @Test
  void textHasTheNumbersOfThePaper() {
    String text = new PlanReport(PAPER).text();
    assertContains(text, "parameters 60,965,224 (tower a 32,531,112, tower b 28,434,112)");
    assertContains(text, "MACs per image forward 724,406,816, neurons 659,272");
    assertContains(text, "fc8      fc               1x1x1000  a        4,097,000");
    assertContains(text, "forward   pool2  conv3  a     b   11,075,584");
    // 14.48 and 15.53 MB each way, mirrored backward: 60.0 MB a step.
    assertContains(text, "forward a to b 14,483,456, forward b to a 15,532,032");
    assertContains(text, "all 60,030,976");
  }

  @Test
  void jsonHasTheNumbersOfThePaper() {
    var json = new PlanReport(PAPER).json();
    assertEquals(60_965_224L, json.get("parameters"));
    assertEquals(PAPER.layers(), json.get("layers"));
  }

  @Test
  void tablesAlignTextsLeftAndNumbersRight() {
    TextTable table = new TextTable("name", "n").row("a", 1).row("long name", "1,000").row("", "");
    assertEquals("name           n\na              1\nlong name  1,000\n\n", table.toString());
    assertThrows(IllegalArgumentException.class, () -> table.row("one cell"));
  }

  @Test
  void numbersReadTheSameEverywhere() {
    assertEquals("60,965,224", Numbers.grouped(60_965_224));
    assertEquals("1.5 MiB", Numbers.mebibytes(3 << 19));
    assertEquals("12.5 %", Numbers.percent(0.125));
    assertEquals("59 s", Numbers.time(Duration.ofSeconds(59)));
    assertEquals("1:00 min", Numbers.time(Duration.ofSeconds(60)));
    assertEquals("2:03:04 h", Numbers.time(Duration.ofSeconds(7384)));
  }

  private static void assertContains(String text, String part) {
    assertTrue(text.contains(part), () -> "'" + part + "' is not in\n" + text);
  }
}
