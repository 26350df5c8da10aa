package org.alexnet4j.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Stream;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.FcShape;
import org.alexnet4j.shape.Rounding;
import org.alexnet4j.shape.SgdShape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * oneDNN and our kernels are two independent implementations: on every layer of the paper's towers
 * they must agree within the rounding of the longest sum, {@code terms * 2^-24} for operands in
 * [-1, 1]. On the way to an outlier the partial sums are larger, and round by up to {@code 7/3 *
 * sqrt(terms) * 2^-24} of it: the rule of {@code kernels/conv/conv_check.cpp}, where it is derived.
 */
class OneDnnEngineTest {
  private static final int IMAGES = 2;
  private static final float ROUNDING = 0x1p-24f;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Random random = new Random(7);
  private Device device;
  private Stream stream;
  private KernelEngine ours;
  private OneDnnEngine theirs;

  @BeforeEach
  void open() {
    device = keep(Device.open(DeviceId.parse("cpu:0")));
    stream = keep(device.newStream());
    ours = keep(new KernelEngine());
    theirs = keep(new OneDnnEngine(device, 1));
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private <T extends AutoCloseable> T keep(T resource) {
    opened.add(resource);
    return resource;
  }

  private Buffer buffer(long count) {
    return keep(keep(device.newArena(Arena.Memory.DEVICE, 4 * count)).buffer(0, 4 * count));
  }

  private Buffer filled(long count) {
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    Buffer result = buffer(count);
    result.copyIn(stream, values);
    return result;
  }

  private void assertAgree(String pass, long terms, Buffer a, Buffer b) {
    int count = (int) (a.bytes() / 4);
    float[] expected = a.floats(stream, count);
    float[] actual = b.floats(stream, count);
    for (int i = 0; i < count; i++) {
      double outlier = 7. / 3 * Math.sqrt(terms) * Math.abs(expected[i]);
      float allowed = (float) (terms + outlier) * ROUNDING;
      if (!(Math.abs(expected[i] - actual[i]) <= allowed)) {
        assertEquals(expected[i], actual[i], allowed, pass + " at " + i);
      }
    }
  }

  static List<ConvShape> convolutions() {
    return List.of(
        new ConvShape(IMAGES, 3, 224, 224, 48, 11, 11, 4, 0, 1),
        new ConvShape(IMAGES, 48, 27, 27, 128, 5, 5, 1, 2, 1),
        new ConvShape(IMAGES, 128, 13, 13, 192, 3, 3, 1, 1, 1),
        new ConvShape(IMAGES, 192, 13, 13, 192, 3, 3, 1, 1, 1),
        new ConvShape(IMAGES, 192, 13, 13, 128, 3, 3, 1, 1, 1),
        // Rounded down; of the second one no window reaches the last three rows and columns.
        new ConvShape(IMAGES, 3, 224, 224, 64, 11, 11, 4, 2, 1, Rounding.DOWN),
        new ConvShape(IMAGES, 3, 16, 16, 8, 5, 5, 4, 0, 1, Rounding.DOWN));
  }

  static List<FcShape> products() {
    return List.of(
        new FcShape(1, 4608, 2048), new FcShape(IMAGES, 2048, 2048), new FcShape(17, 2048, 1000));
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolutionsAgree(ConvShape s) {
    Buffer x = filled(s.xCount());
    Buffer w = filled(s.wCount());
    Buffer bias = filled(s.K());
    Buffer first = filled(s.yCount());
    Buffer second = buffer(s.yCount());
    second.copyIn(stream, first.floats(stream, (int) s.yCount()));
    int terms = s.R() * s.S() * s.C() + 2;
    ours.convFprop(stream, s, x, w, bias, first, null, true, true);
    theirs.convFprop(stream, s, x, w, bias, second, null, true, true);
    assertAgree("fprop", terms, first, second);
    ours.convFprop(stream, s, x, w, null, first, null, false, false);
    theirs.convFprop(stream, s, x, w, null, second, null, false, false);
    assertAgree("fprop without bias", terms, first, second);

    Buffer dx = buffer(s.xCount());
    Buffer theirDx = buffer(s.xCount());
    ours.convDgrad(stream, s, first, w, x, dx);
    theirs.convDgrad(stream, s, first, w, x, theirDx);
    assertAgree("dgrad", terms * (long) s.R() * s.S() * s.K(), dx, theirDx);

    Buffer dy = filled(s.yCount());
    Buffer dw = buffer(s.wCount());
    Buffer theirDw = buffer(s.wCount());
    Buffer db = buffer(s.K());
    Buffer theirDb = buffer(s.K());
    ours.convWgrad(stream, s, x, dy, dw, db);
    theirs.convWgrad(stream, s, x, dy, theirDw, theirDb);
    assertAgree("wgrad", (long) s.N() * s.P() * s.Q(), dw, theirDw);
    assertAgree("bias", (long) s.N() * s.P() * s.Q(), db, theirDb);
    assertFalse(
        theirs.implementations().values().stream().anyMatch(name -> name.startsWith("ref")),
        () -> theirs.implementations().toString());
  }

  @ParameterizedTest
  @MethodSource("products")
  void productsAgree(FcShape s) {
    Buffer settings = settings(3, .5f);
    Buffer x = filled((long) s.N() * s.C());
    Buffer w = filled((long) s.K() * s.C());
    Buffer bias = filled(s.K());
    Buffer first = filled((long) s.N() * s.K());
    Buffer second = buffer((long) s.N() * s.K());
    second.copyIn(stream, first.floats(stream, s.N() * s.K()));
    DropoutShape dropout = new DropoutShape((long) s.N() * s.K(), 0, 2012, 6, .5f);
    ours.fcFprop(stream, s, x, w, bias, first, null, true, true, dropout, settings, true);
    theirs.fcFprop(stream, s, x, w, bias, second, null, true, true, dropout, settings, true);
    assertAgree("fprop", s.C() + 2, first, second);

    Buffer dy = filled((long) s.N() * s.K());
    Buffer dx = buffer((long) s.N() * s.C());
    Buffer theirDx = buffer((long) s.N() * s.C());
    ours.fcDgrad(stream, s, dy, w, x, dx);
    theirs.fcDgrad(stream, s, dy, w, x, theirDx);
    assertAgree("dgrad", s.K(), dx, theirDx);

    Buffer dw = buffer((long) s.K() * s.C());
    Buffer theirDw = buffer((long) s.K() * s.C());
    Buffer db = buffer(s.K());
    Buffer theirDb = buffer(s.K());
    ours.fcWgrad(stream, s, x, dy, dw, db);
    theirs.fcWgrad(stream, s, x, dy, theirDw, theirDb);
    assertAgree("wgrad", s.N(), dw, theirDw);
    assertAgree("bias", s.N(), db, theirDb);

    Buffer v = filled((long) s.K() * s.C());
    Buffer theirW = buffer((long) s.K() * s.C());
    Buffer theirV = buffer((long) s.K() * s.C());
    theirW.copyIn(stream, w.floats(stream, s.K() * s.C()));
    theirV.copyIn(stream, v.floats(stream, s.K() * s.C()));
    SgdShape update = new SgdShape(s.wCount(), 1, .1f, false);
    ours.fcWgradUpdate(stream, s, update, settings, x, dy, w, v, db);
    theirs.fcWgradUpdate(stream, s, update, settings, x, dy, theirW, theirV, theirDb);
    assertAgree("weights", s.N() + 8, w, theirW);
    assertAgree("velocities", s.N() + 8, v, theirV);
    assertAgree("bias", s.N(), db, theirDb);
  }

  @Test
  void reorderedWeightsFollowTheirSource() {
    ConvShape s = convolutions().get(2);
    Buffer x = filled(s.xCount());
    Buffer w = filled(s.wCount());
    Buffer y = buffer(s.yCount());
    theirs.convFprop(stream, s, x, w, null, y, null, false, false);
    float before = y.floats(stream, 1)[0];
    w.copyIn(stream, filled(s.wCount()).floats(stream, (int) s.wCount()));
    theirs.weightsChanged();
    theirs.convFprop(stream, s, x, w, null, y, null, false, false);
    float written = y.floats(stream, 1)[0];
    assertNotEquals(before, written);
    SgdShape update = new SgdShape(s.wCount(), 1, 0, false);
    theirs.sgdUpdate(
        stream, SgdUpdate.of(update, w, filled(s.wCount()), filled(s.wCount())), settings(0, 1));
    theirs.convFprop(stream, s, x, w, null, y, null, false, false);
    assertNotEquals(written, y.floats(stream, 1)[0]);
  }

  private Buffer settings(long step, float rate) {
    SettingsSource source = keep(new SettingsSource(stream.device()));
    source.write(step, rate, 0, .9f, 0);
    Buffer settings = buffer(Arena.ALIGNMENT_BYTES / 4);
    source.copyTo(stream, settings);
    return settings;
  }

  @Test
  void otherDevicesAreRefused() {
    Device emulator = keep(Device.open(DeviceId.parse("emu:0")));
    assertThrows(IllegalArgumentException.class, () -> new OneDnnEngine(emulator, 1));
  }
}
