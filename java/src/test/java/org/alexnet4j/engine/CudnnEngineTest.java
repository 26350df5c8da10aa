package org.alexnet4j.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.alexnet4j.bench.LayerTrial;
import org.alexnet4j.bench.PaperLayer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;
import org.junit.jupiter.api.Test;

class CudnnEngineTest {

  /** The zeros that make cuDNN's floor give the ceil's outputs. */
  @Test
  void windowsThatRunPastTheImageNeedZerosThere() {
    ConvShape conv1 = new ConvShape(1, 3, 224, 224, 48, 11, 11, 4, 0, 1);
    CudnnGeometry geometry = CudnnGeometry.of(conv1);
    assertEquals(new CudnnGeometry(227, 227, 0, 0), geometry);
    assertTrue(geometry.copied(conv1));
    assertEquals(55, outputs(geometry.H(), conv1, geometry));

    ConvShape conv2 = new ConvShape(1, 48, 27, 27, 128, 5, 5, 1, 2, 1);
    assertEquals(new CudnnGeometry(27, 27, 2, 0), CudnnGeometry.of(conv2));
    assertFalse(CudnnGeometry.of(conv2).copied(conv2));
  }

  @Test
  void thePaddingMovesIntoTheCopyWhenOneAxisRunsPast() {
    // Rows: 1 + ceil((9 + 2 - 3) / 2) = 5 exactly; columns: 1 + ceil((8 + 2 - 3) / 2) = 5, past by
    // 1.
    ConvShape s = new ConvShape(1, 2, 9, 8, 3, 3, 3, 2, 1, 1);
    CudnnGeometry geometry = CudnnGeometry.of(s);
    assertEquals(new CudnnGeometry(11, 11, 0, 1), geometry);
    assertEquals(s.P(), outputs(geometry.H(), s, geometry));
    assertEquals(s.Q(), outputs(geometry.W(), s, geometry));
  }

  private static int outputs(int extent, ConvShape s, CudnnGeometry geometry) {
    return 1 + (extent + 2 * geometry.pad() - s.R()) / s.stride();
  }

  @Test
  void alphaIsThatOfTheWholeWindow() {
    LrnShape norm1 = new LrnShape(1, 55, 55, 48, 5, 2f, 1e-4f, 0.75f);
    assertEquals(5e-4, CudnnGeometry.alpha(norm1), 3e-11); // 1e-4f is off by up to 2^-24 of it
    assertTrue(CudnnGeometry.covers(norm1));
    assertFalse(CudnnGeometry.covers(new LrnShape(1, 2, 2, 48, 17, 2f, 1e-4f, 0.75f)));
    assertFalse(CudnnGeometry.covers(new LrnShape(1, 2, 2, 5, 5, 2f, .1f, 0f)));
  }

  @Test
  void onlyPoolingWithoutClippedWindowsIsTheLibrarys() {
    PoolShape.Mode max = PoolShape.Mode.MAX;
    PoolShape.Ties all = PoolShape.Ties.ALL;
    for (int size : new int[] {55, 27, 13}) {
      assertTrue(CudnnGeometry.covers(new PoolShape(1, size, size, 8, 3, 2, max, all)));
    }
    assertFalse(CudnnGeometry.covers(new PoolShape(1, 32, 32, 8, 3, 2, max, all)));
    assertFalse(
        CudnnGeometry.covers(new PoolShape(1, 13, 13, 8, 3, 2, PoolShape.Mode.AVERAGE, all)));
  }

  @Test
  void aMissingLibraryIsOneLineThatSaysWhatHelps() {
    UnsatisfiedLinkError outer = new UnsatisfiedLinkError("no jnicudart in java.library.path");
    outer.initCause(new UnsatisfiedLinkError("libcudart.so.13: cannot open shared object file"));
    String line = CudnnLibrary.line(outer);
    assertTrue(line.contains("libcudart.so.13: cannot open"), line);
    assertTrue(line.contains("LD_LIBRARY_PATH"), line);
    assertFalse(line.contains("\n"), line);
  }

  @Test
  void probingNeverThrows() {
    assertDoesNotThrow(CudnnEngine::missing);
    assertDoesNotThrow(CudnnEngine::missing); // the second time the classes are known to be broken
  }

  @Test
  void theChoiceOfAlgorithmsHasTwoNames() {
    assertFalse(CudnnEngine.wantsFastest(null));
    assertFalse(CudnnEngine.wantsFastest("deterministic"));
    assertTrue(CudnnEngine.wantsFastest("fastest"));
    assertThrows(IllegalArgumentException.class, () -> CudnnEngine.wantsFastest("quick"));
  }

  @Test
  void onAnotherKindOfDeviceItIsRefused() {
    try (Device cpu = Device.open(new DeviceId(DeviceKind.CPU, 0))) {
      assertThrows(IllegalArgumentException.class, () -> new CudnnEngine(cpu));
      assertThrows(IllegalArgumentException.class, () -> Engines.open(EngineKind.CUDNN, cpu, 1));
    }
    assertThrows(IllegalArgumentException.class, () -> EngineKind.parse("engine", "mkl"));
    assertEquals(0, Devices.liveHandles());
  }

  /** On a GPU: every layer of the paper, each pass, against our kernels. */
  @Test
  void givesTheResultsOfOurKernels() {
    assumeTrue(Device.count(DeviceKind.CUDA) > 0, "no CUDA device");
    CudnnEngine.missing().ifPresent(line -> assumeTrue(false, line));
    DeviceId cuda = new DeviceId(DeviceKind.CUDA, 0);
    for (PaperLayer layer : PaperLayer.all(2)) {
      try (LayerTrial theirs = LayerTrial.open(layer, cuda, "cudnn", 1);
          LayerTrial ours = LayerTrial.open(layer, cuda, "kernels", 1)) {
        theirs.verifyAgainst(ours);
      }
    }
  }
}
