package org.alexnet4j.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.CaseFormat;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.Kernels;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Param;

/** Which operations can be measured, and what is refused. */
class OperationTrialTest {
  private static final double WIDTH = 0.0625;

  @Test
  void theBenchmarkNamesEveryOperationOfAStep() throws NoSuchFieldException {
    Param named = OperationBenchmark.class.getField("operation").getAnnotation(Param.class);
    assertEquals(List.copyOf(PlannedOperation.ofStep(1, WIDTH).keySet()), List.of(named.value()));
  }

  /** Alone, or inside of what a step does. */
  @Test
  void everyPassOfEveryFamilyIsMeasured() throws NoSuchFieldException {
    Set<String> measured = new TreeSet<>();
    for (Class<?> benchmark : List.of(OperationBenchmark.class, FamilyBenchmark.class)) {
      for (String name : benchmark.getField("operation").getAnnotation(Param.class).value()) {
        String kind = name.replaceAll(".*\\.|#.*", "");
        measured.add(CaseFormat.UPPER_CAMEL.to(CaseFormat.LOWER_UNDERSCORE, kind));
      }
    }
    Set<String> missing = new TreeSet<>();
    for (String line : Kernels.list()) {
      JsonObject kernel = JsonParser.parseString(line).getAsJsonObject();
      String family = kernel.get("family").getAsString();
      String pass = family + "_" + kernel.get("pass").getAsString();
      boolean alone = pass.endsWith("_fprop") && measured.contains(family); // as Add, Input
      if (!alone && !measured.contains(pass)) {
        missing.add(pass);
      }
    }
    assertEquals(Set.of(), missing);
  }

  @Test
  void anUnknownOperationIsRefusedWithThoseThereAre() {
    String text =
        assertThrows(
                IllegalArgumentException.class,
                () -> PlannedOperation.of("conv6.ConvFprop", PlannedOperation.ofStep(1, WIDTH)))
            .getMessage();
    assertTrue(text.startsWith("no operation 'conv6.ConvFprop'; allowed: input.Input, "), text);
  }

  @Test
  void aResultThatIsOffIsRefused() {
    float[] right = {1, -2, 3};
    OperationTrial.requireEqual("two", new float[] {1, -2, 3.00001f}, right);
    String text =
        assertThrows(
                IllegalStateException.class,
                () -> OperationTrial.requireEqual("two", new float[] {1, -2, 3.001f}, right))
            .getMessage();
    assertTrue(text.matches("two differ by 2\\.67.*E-4 of the result; allowed: 1e-5"), text);
    assertThrows(
        IllegalStateException.class,
        () -> OperationTrial.requireEqual("two", new float[] {1, -2, Float.NaN}, right));
  }

  @Test
  void whatIsNotHereIsSkippedWithItsReason() {
    assertEquals(
        "skipped: engine onednn is for CPU devices, not for EMU:0",
        skipped(EngineKind.ONEDNN, "emu:0")
            .getMessage()
            .replace("emu", "EMU")
            .replace("cpu", "CPU"));
    assertEquals(0, skipped(EngineKind.CUDNN, "cpu:0").getStackTrace().length);
    assertTrue(skipped(EngineKind.KERNELS, "cuda:99").getMessage().startsWith("skipped: "));
  }

  private static SkippedException skipped(EngineKind engine, String device) {
    return assertThrows(
        SkippedException.class, () -> SkippedException.unlessThere(engine, DeviceId.parse(device)));
  }

  @Test
  void transportsThatDoNotFitTheDevicesAreSkipped() {
    ExchangeBenchmark benchmark = new ExchangeBenchmark();
    benchmark.plane = "pool2";
    benchmark.batch = 1;
    benchmark.devices = "cpu:0";
    benchmark.transport = "peer";
    assertEquals(
        "skipped: transport peer is for two devices",
        assertThrows(SkippedException.class, benchmark::open).getMessage());
    benchmark.devices = "cpu:0+cpu:1";
    benchmark.transport = "same";
    assertEquals(
        "skipped: transport same is for one device",
        assertThrows(SkippedException.class, benchmark::open).getMessage());
  }
}
