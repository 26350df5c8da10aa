package org.alexnet4j.jmh;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.data.image.ImageDecoder;
import org.alexnet4j.data.image.SquareResize;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.KernelEngine;
import org.alexnet4j.engine.SettingsSource;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.shape.InputShape.Mean;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how long does an image take from its file to the network's input, and where?
 *
 * <p>Unit: microseconds per image on one thread: {@code decode} turns the bytes of a JPEG into
 * pixels, {@code resize} brings them to the square that is stored, {@code crop} brings that to the
 * device and takes the window there, less the mean; {@code whole} does all three. A batch of many
 * threads is {@code LoaderBenchmark}'s.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar DecodeBenchmark -p size=500x375 -rf json -rff
 * decode.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(3)
public class DecodeBenchmark {
  private static final int SOURCE = 256;
  private static final int CROP = 224;
  private static final int SETTINGS_BYTES = 24;
  private static final float[] MEAN = {124, 117, 104};

  /** Width and height of the JPEG; 500x375 is ImageNet's most common size. */
  @Param("500x375")
  public String size;

  /** Where the window is taken: cpu:0, cuda:0. */
  @Param("cpu:0")
  public String device;

  private final InputShape shape = new InputShape(1, SOURCE, CROP, Mean.CHANNEL, 1);
  private final ByteBuffer square = ByteBuffer.allocateDirect(SOURCE * SOURCE * 3);
  private Photo photo;
  private byte[] pixels;
  private int width;
  private int height;
  private Device opened;
  private Stream stream;
  private KernelEngine engine;
  private SettingsSource source;
  private Arena arena;
  private Buffer settings;
  private Buffer images;
  private Buffer crops;
  private Buffer mean;
  private Buffer x;

  /** Draws the image, opens the device, and checks the pixels of each stage. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    photo = Photo.of(size);
    opened = SkippedException.unlessThere(DeviceId.parse(device));
    opened.threads(1);
    stream = opened.newStream();
    engine = new KernelEngine();
    source = new SettingsSource(opened);
    int image = square.capacity();
    int input = Math.toIntExact(4 * shape.xCount());
    int places = 3 * Arena.ALIGNMENT_BYTES;
    arena = opened.newArena(Arena.Memory.DEVICE, (long) places + image + input);
    settings = arena.buffer(0, SETTINGS_BYTES);
    crops = arena.buffer(Arena.ALIGNMENT_BYTES, 12);
    mean = arena.buffer(2L * Arena.ALIGNMENT_BYTES, 12);
    images = arena.buffer(places, image);
    x = arena.buffer((long) places + image, input);
    source.write(0, 0, 0, 0, 0);
    source.copyTo(stream, settings);
    int offset = (SOURCE - CROP) / 2;
    crops.copyIn(stream, new int[] {offset, offset, 0});
    mean.copyIn(stream, MEAN);
    check(offset);
    Rates.images(DecodeBenchmark.class, 1);
  }

  private void check(int offset) throws IOException {
    ImageDecoder decoder = decode();
    pixels = decoder.rgb().clone();
    width = decoder.width();
    height = decoder.height();
    photo.check(pixels, width, height);
    whole();
    float[] got = x.floats(stream, (int) shape.xCount());
    for (int i = 0; i < got.length; i++) {
      int row = i / (3 * CROP) + offset;
      int column = i / 3 % CROP + offset;
      int level = square.get(3 * (row * SOURCE + column) + i % 3) & 255;
      if (got[i] != level - MEAN[i % 3]) {
        throw new IllegalStateException("value " + i + " of the input is " + got[i]);
      }
    }
  }

  /** Closes what was opened. */
  @TearDown(Level.Trial)
  public void close() {
    engine.close();
    source.close();
    arena.close();
    stream.close();
    opened.close();
  }

  /** From the bytes of the file to its pixels. */
  @Benchmark
  public ImageDecoder decode() throws IOException {
    ImageDecoder decoder = ImageDecoder.ofThread();
    decoder.decode(photo.jpeg(), "photo.jpg");
    return decoder;
  }

  /** From pixels to the square that is stored. */
  @Benchmark
  public ByteBuffer resize() {
    SquareResize.ofThread().apply(pixels, width, height, SOURCE, square.clear());
    return square.flip();
  }

  /** From the square to the network's input. */
  @Benchmark
  public Buffer crop() {
    images.copyIn(stream, 0, square.clear());
    engine.inputFprop(stream, shape, settings, images, crops, mean, null, x);
    stream.synchronize();
    return x;
  }

  /** All three. */
  @Benchmark
  public Buffer whole() throws IOException {
    ImageDecoder decoder = decode();
    SquareResize.ofThread()
        .apply(decoder.rgb(), decoder.width(), decoder.height(), SOURCE, square.clear());
    return crop();
  }
}
