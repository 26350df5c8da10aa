package org.alexnet4j.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.plan.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ours beside others: what is asked for, and what the table makes of it. */
class PeersTest {
  private static PeerOptions parse(String line) {
    return PeerOptions.parse(line.isEmpty() ? List.of() : List.of(line.split(" ")));
  }

  @Test
  void whatIsNotSaidIsAsTheHelpSays() {
    PeerOptions options = parse("");
    assertEquals(10, options.rounds());
    assertEquals(10, options.steps());
    assertEquals(List.of(32), options.batches());
    assertEquals(List.of(Purpose.TRAIN, Purpose.INFER), options.purposes());
    List<Peer> all =
        new ArrayList<>(List.of(Peer.DIRECT, Peer.WINOGRAD2, Peer.WINOGRAD4, Peer.ONEDNN));
    assertEquals(all, options.subjects(Purpose.TRAIN));
    if (Peer.ONNX.isBuilt()) {
      all.addAll(List.of(Peer.ONNX, Peer.ONNX_COMPOSED));
    }
    assertEquals(all, options.subjects());
    assertEquals("cpu:0", options.devices());
    for (String option : List.of("rounds", "steps", "batch", "purpose", "only", "devices")) {
      assertTrue(PeerOptions.HELP.contains("--" + option + " "), option);
    }
  }

  @Test
  void whatIsSaidIsTaken() {
    PeerOptions options =
        parse(
            "--rounds 3 --steps 5 --batch 1,32 --purpose infer --only onednn,winograd4"
                + " --devices cpu:0+cpu:1 --width 0.5");
    assertEquals(3, options.rounds());
    assertEquals(5, options.steps());
    assertEquals(List.of(1, 32), options.batches());
    assertEquals(List.of(Purpose.INFER), options.purposes());
    assertEquals(List.of(Peer.ONEDNN, Peer.WINOGRAD4), options.subjects());
    assertEquals("cpu:0+cpu:1", options.devices());
    assertEquals("0.5", options.width());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--rounds 0 | --rounds is '0'; allowed: a whole number, 1 to 1000",
        "--steps x | --steps is 'x'; allowed: a whole number, 1 to 1000",
        "--batch 1,,2 | --batch has no value (--help)",
        "--batch 8,8 | --batch is 8,8; allowed: each once",
        "--batch 65537 | --batch is '65537'; allowed: a whole number, 1 to 65536",
        "--purpose inspect | --purpose is 'inspect'; allowed: train, infer",
        "--only winograd | --only is 'winograd'; allowed: direct, winograd2, winograd4, onednn, onnx, onnx-composed",
        "--width 0 | --width is '0'; allowed: a number above 0, at most 4",
        "--devices | --devices has no value (--help)",
        "--rounds 1 --rounds 2 | --rounds comes twice; allowed: once",
        "--round 1 | unknown option '--round'; allowed: --rounds, --steps, --batch, --purpose, --only,"
            + " --devices, --width, --help",
      })
  void whatCannotBeIsRefused(String line, String text) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> parse(line));
    assertEquals(text, e.getMessage());
  }

  @Test
  void onnxRuntimeIsRefusedWhereItIsNotBuilt() {
    if (Peer.ONNX.isBuilt()) {
      assertEquals(List.of(Peer.ONNX), parse("--only onnx").subjects());
      return;
    }
    Exception e = assertThrows(IllegalArgumentException.class, () -> parse("--only onnx"));
    assertTrue(e.getMessage().contains("-Ponnx"), e.getMessage());
  }

  /**
   * Medians and quartiles of five rounds, and ratios of the same round: a slow one tells of all.
   */
  @Test
  void theTableHasMediansQuartilesAndRatiosOfARound() {
    PeerTable table = new PeerTable();
    double[] direct = {100, 50, 110, 90, 120};
    double[] quicker = {150, 100, 132, 108, 156}; // 1.5, 2, 1.2, 1.2, 1.3
    for (int i = 0; i < direct.length; i++) {
      table.add(Peer.WINOGRAD4, quicker[i]);
      table.add(Peer.DIRECT, direct[i]);
    }
    assertEquals(
        """
        | | images/s, median | quartiles | best | of direct |
        |---|---|---|---|---|
        | ours, direct | 100.0 | 90.0 to 110.0 | 120.0 | 1.00 |
        | ours, winograd4 | 132.0 | 108.0 to 150.0 | 156.0 | 1.30 |
        """,
        table.text());
    table.add(Peer.ONNX, 80);
    for (int i = 1; i < direct.length; i++) {
      table.add(Peer.ONNX, Double.NaN);
    }
    String text = table.text();
    assertTrue(text.startsWith("| | images/s, median | quartiles | best | of direct | of ONNX"));
    assertTrue(text.contains("| ONNX Runtime | - | - to - | - | - | - |\n"), text);
    assertFalse(text.contains("NaN"), text);
  }

  @Test
  void quantilesLieBetweenValues() {
    double[] sorted = {1, 2, 4, 8};
    assertEquals(1, PeerTable.quantile(sorted, 0));
    assertEquals(1.75, PeerTable.quantile(sorted, 0.25));
    assertEquals(3, PeerTable.quantile(sorted, 0.5));
    assertEquals(8, PeerTable.quantile(sorted, 1));
    assertEquals(7, PeerTable.quantile(new double[] {7}, 0.25));
  }
}
