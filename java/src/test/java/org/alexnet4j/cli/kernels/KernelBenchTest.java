package org.alexnet4j.cli.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.Terminal;
import org.alexnet4j.engine.CudnnEngine;
import org.junit.jupiter.api.Test;

class KernelBenchTest {
  private static final String CEILINGS =
      "{\"ceilings\":\"cpu:0\",\"machine\":\"M, 1 threads\",\"fma_gflops\":100.0,\"copy_gbs\":10.0,"
          + "\"cache_bytes\":1,\"batch\":1}";

  private static KernelBench bench(String... rows) {
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    KernelBench bench = new KernelBench(new Console(nowhere, nowhere, Terminal.of(false, 80)));
    bench.add(CEILINGS);
    for (String row : rows) {
      bench.add(row);
    }
    return bench;
  }

  private static String row(String family, String pass, String layer, double us) {
    return "{\"family\":\""
        + family
        + "\",\"pass\":\""
        + pass
        + "\",\"layer\":\""
        + layer
        + "\",\"variant\":\"v\",\"kind\":\"cpu\",\"batch\":1,\"chosen\":true,\"samples\":5,\"us\":"
        + us
        + ",\"spread_percent\":1.5,\"gflops\":50.0,\"gbs\":2.5,\"roofline_percent\":50.0}";
  }

  @Test
  void theRatioIsTheLibrarysTimeOverOurs() {
    KernelBench bench =
        bench(row("fc", "fprop", "fc8-plane", 1000), row("lrn", "fprop", "norm1", 9));
    bench.comparePeer("onednn", 1, 5, 1);
    JsonObject fc = bench.withPeer().get(1);
    assertTrue(bench.table().markdown().contains("| onednn us | ratio |"), "heads of the peer");
    assertTrue(bench.legend().endsWith("ratio: above 1 ours is quicker than onednn"));
    assertTrue(fc.get("peer_us").getAsDouble() > 0);
    assertEquals(fc.get("peer_us").getAsDouble() / 1000, fc.get("peer_ratio").getAsDouble(), 1e-12);
    assertFalse(bench.withPeer().get(2).has("peer_us"), "oneDNN's LRN is our own");
  }

  @Test
  void withoutPeerTheTableHasOurTimesAlone() {
    KernelBench bench = bench(row("conv", "fprop", "conv2", 412));
    assertTrue(bench.head().contains("100.0 GFLOP/s"), bench.head());
    String[] lines = bench.table().markdown().split("\n");
    assertEquals(3, lines.length);
    assertEquals("| conv/fprop/conv2 | v * | 412.0 | 1.5 | 50 | 3 | 50.0 |", lines[2]);
    assertEquals("|---|---|---|---|---|---|---|", lines[1]);
    assertTrue(bench.legend().startsWith("*: the variant that an operation runs"), bench.legend());
    assertFalse(bench.legend().contains("ratio:"), "there is no such column");
  }

  @Test
  void peersThatCannotBeUsedAreRefusedInOneLine() {
    Cli unknown = Cli.run("kernels", "bench", "--peer", "mkl");
    assertEquals(ExitCode.USAGE.code(), unknown.code());
    assertTrue(unknown.err().contains("allowed: cudnn, onednn"), unknown.err());
    Cli wrong = Cli.run("kernels", "bench", "--peer", "onednn", "--devices", "cuda");
    assertEquals(ExitCode.USAGE.code(), wrong.code());
    assertTrue(wrong.err().contains("onednn runs on cpu"), wrong.err());
    assumeTrue(CudnnEngine.missing().isPresent(), "cuDNN is there");
    Cli missing = Cli.run("kernels", "bench", "--peer", "cudnn");
    assertEquals(ExitCode.DEVICE.code(), missing.code());
    assertEquals(1, missing.err().strip().lines().count(), missing.err());
    assertTrue(missing.err().contains("LD_LIBRARY_PATH"), missing.err());
  }

  @Test
  void aFilterThatNothingPassesIsNamed() {
    KernelBench bench = new KernelBench(null);
    bench.add("{\"ceilings\": \"cpu\"}");
    bench.requireRows(null);
    CommandException e = assertThrows(CommandException.class, () -> bench.requireRows("nosuch"));
    assertEquals(ExitCode.USAGE, e.code());
    assertTrue(e.getMessage().startsWith("--filter is 'nosuch', which no kernel"), e.getMessage());
    bench.add("{\"layer\": \"conv1\"}");
    bench.requireRows("conv1");
  }
}
