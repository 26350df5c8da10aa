package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.tower.time.ExchangeTime;
import org.junit.jupiter.api.Test;

/** The table of the exchange, to the byte of the fact sheet (section 8), and its rates. */
class ExchangeTableTest {
  private static final Plan PAPER =
      Planner.plan(AlexNet.paper2012(), 128, Purpose.TRAIN, InputShape.Mean.CHANNEL, 0);

  /** Four steps of which each transfer took 100 us, a quarter of it hidden. */
  private static List<ExchangeTime> times() {
    return PAPER.exchange().transfers().stream()
        .map(t -> new ExchangeTime(t, 4, 400, 100, 2000))
        .toList();
  }

  @Test
  void bytesAreThoseOfTheFactSheet() {
    String text = ExchangeTable.text(times());
    List<String> rows = text.lines().map(line -> line.replaceAll(" +", " ")).toList();
    // batch 128, four bytes a value: 13 x 13 x 128, 6 x 6 x 128, 2048
    for (String row :
        List.of(
            "forward pool2 conv3 a b 11,075,584 ",
            "forward pool2 conv3 b a 11,075,584 ",
            "forward pool5 fc6 a b 2,359,296 ",
            "forward pool5 fc6 b a 2,359,296 ",
            "forward drop6 fc7 a b 1,048,576 ",
            "forward drop6 fc7 b a 1,048,576 ",
            "forward drop7 fc8 b a 1,048,576 ",
            "backward drop7 fc8 a b 1,048,576 ",
            "backward drop6 fc7 a b 1,048,576 ",
            "backward drop6 fc7 b a 1,048,576 ",
            "backward pool5 fc6 a b 2,359,296 ",
            "backward pool5 fc6 b a 2,359,296 ",
            "backward pool2 conv3 a b 11,075,584 ",
            "backward pool2 conv3 b a 11,075,584 ")) {
      assertEquals(1, rows.stream().filter(r -> r.startsWith(row)).count(), row + "in\n" + text);
    }
    assertEquals(14 + 2, rows.size());
    assertTrue(rows.get(15).startsWith("60,030,976 bytes a step"), rows.get(15));
  }

  @Test
  void timesAreMeans() {
    ExchangeTime pool2 = times().get(0);
    Transfer transfer = pool2.transfer();
    assertEquals(11_075_584, transfer.bytes());
    assertEquals(100, pool2.meanMicros());
    assertEquals(110.75584, pool2.gigabytesPerSecond(), 1e-9);
    assertEquals(0.25, pool2.hiddenShare());
    assertEquals(500, pool2.meanWaitMicros());
    assertTrue(
        ExchangeTable.text(times()).contains("110.76  25.0 %      500.0"),
        ExchangeTable.text(times()));
    assertEquals("exchange: none\n", ExchangeTable.text(List.of()));
  }
}
