package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.prepare.Preparation;
import org.alexnet4j.data.prepare.PrepareOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No thread that reads images ends in silence, whatever it meets. */
class ReadFailuresTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path dir;

  /** Images of which one cannot be read, for a reason of any kind. */
  private record Failing(Throwable failure, boolean early) implements Dataset {
    private static final int BAD = 37;

    @Override
    public int size() {
      return 60;
    }

    @Override
    public List<String> classes() {
      return List.of("one");
    }

    @Override
    public int label(int index) {
      if (early && index == BAD) {
        sneak(failure);
      }
      return 0;
    }

    @Override
    public String name(int index) {
      return "image " + index;
    }

    @Override
    public int source() {
      return 8;
    }

    @Override
    public void read(int index, ByteBuffer to) throws IOException {
      if (index == BAD) {
        sneak(failure);
      }
      to.position(to.position() + imageBytes());
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable any) throws T {
      throw (T) any;
    }

    @Override
    public void close() {}
  }

  private static void readAll(Dataset images) throws IOException {
    try (BatchLoader loader = BatchLoader.sequential(images, 8).threads(3)) {
      while (loader.next() != null) {}
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFaultOfAMappedFileIsAnErrorOfTheData(boolean mean) {
    InternalError fault = new InternalError("a fault occurred in an unsafe memory access");
    Dataset images = new Failing(fault, false);
    DataException e =
        assertTimeoutPreemptively(
            SOON,
            () ->
                assertThrows(
                    DataException.class,
                    () -> {
                      if (mean) {
                        MeanImage.of(images, 3);
                      } else {
                        readAll(images);
                      }
                    }));
    assertTrue(e.getMessage().startsWith("image 37: "), e.getMessage());
    assertSame(fault, e.getCause());
  }

  @Test
  void anErrorOfTheVirtualMachineArrivesAsItIs() {
    for (Error error : List.of(new OutOfMemoryError("heap"), new StackOverflowError())) {
      Dataset images = new Failing(error, false);
      assertTimeoutPreemptively(
          SOON,
          () -> {
            assertSame(error, assertThrows(Error.class, () -> readAll(images)));
            assertSame(error, assertThrows(Error.class, () -> MeanImage.of(images, 3)));
          });
    }
  }

  /** What decides about a batch fails: here nothing has an image to blame. */
  @Test
  void aThreadThatCannotEvenPrepareABatchEndsTheWait() {
    OutOfMemoryError error = new OutOfMemoryError("heap");
    Dataset images = new Failing(error, true);
    assertTimeoutPreemptively(
        SOON, () -> assertSame(error, assertThrows(Error.class, () -> readAll(images))));
  }

  /**
   * A file of a prepared set is cut while it is read, at any place, and again after it was read.
   */
  @ParameterizedTest
  @ValueSource(longs = {0, 100, 1000, 5000})
  void aCutFileIsNamedAtOnce(long bytes) throws IOException {
    PreparedSets.folder(dir.resolve("images"), 3, 15);
    PrepareOptions options =
        new PrepareOptions(16, 0.1, false, Damaged.FAIL, false, Optional.empty(), 20, 2);
    Path packed = dir.resolve("packed");
    Preparation.run(dir.resolve("images"), packed, options, new Preparation.Listener() {});
    Path shard = packed.resolve("train/images-00001.npy");
    try (Dataset train = Datasets.open(packed, DataOptions.train().withSource(16));
        BatchLoader loader = BatchLoader.of(train, 8).epochs(1000).threads(3)) {
      loader.next();
      try (FileChannel channel = FileChannel.open(shard, StandardOpenOption.WRITE)) {
        channel.truncate(bytes);
      }
      DataException e =
          assertTimeoutPreemptively(
              SOON,
              () ->
                  assertThrows(
                      DataException.class,
                      () -> {
                        while (true) {
                          loader.next();
                        }
                      }));
      assertTrue(
          e.getMessage()
              .startsWith(shard + ": has become shorter while it was read: " + bytes + " bytes"),
          e.getMessage());
      assertEquals(shard.toString(), e.where());
    }
  }
}
