package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The chart is a whole SVG with its words and numbers where they belong. */
class LineChartTest {
  private static LineChart chart() {
    return new LineChart(
            "a < b & c",
            List.of(0.001, 0.01, 0.1),
            List.of(
                new LineChart.Curve("raw", "grey", 1, List.of(1.0, 50.0, 2.0)),
                new LineChart.Curve("smooth", "blue", 2, List.of(1.0, 2.0, 3.0))))
        .axes("rate", "loss")
        .mark(new LineChart.Mark(0.01, "here"));
  }

  @Test
  void itIsXmlWithAxesAndMarks() throws Exception {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    String svg;
    try {
      svg = chart().svg();
    } finally {
      Locale.setDefault(before);
    }
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    NodeList texts = document.getElementsByTagName("text");
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < texts.getLength(); i++) {
      words.append(texts.item(i).getTextContent()).append('|');
    }
    for (String wanted :
        List.of("a < b & c", "rate", "loss", "raw", "smooth", "here", "1e-3", "1e-2", "1e-1")) {
      assertTrue(("|" + words).contains("|" + wanted + "|"), wanted + " in " + words);
    }
    assertTrue(words.toString().contains("|1.0|1.5|2.0|2.5|3.0|"), words.toString());
    // 70 to 700 across three powers of ten's ends; 0.8 to 3.2 from 380 up to 50.
    assertTrue(svg.contains("M70.0 352.5L385.0 215.0L700.0 77.5"), svg);
    assertTrue(svg.contains("M385.0 50V380"), svg);
    assertEquals(svg, chart().svg());
  }

  @Test
  void aChartNeedsTwoPoints() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new LineChart(
                "t", List.of(1.0), List.of(new LineChart.Curve("c", "red", 1, List.of(1.0)))));
  }
}
