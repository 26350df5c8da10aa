package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A run folder whose newest checkpoint is damaged, or something else. */
class DamagedCheckpointsTest extends FinishedRun {
  /** What can become of a checkpoint. */
  enum Fate {
    CUT {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
      }
    },
    EMPTY {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.write(file, new byte[0]);
      }
    },
    PIPE {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.delete(file);
        pipe(file);
      }
    },
    FOLDER {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.delete(file);
        Files.createDirectories(file.resolve("inside"));
      }
    },
    LINK {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Path elsewhere = file.resolveSibling("elsewhere");
        Files.move(file, elsewhere);
        Files.createSymbolicLink(file, elsewhere);
      }
    },
    LINK_TO_ITSELF {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.delete(file);
        Files.createSymbolicLink(file, file);
      }
    },
    UNREADABLE {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        Files.setPosixFilePermissions(file, java.util.Set.of());
        assumeTrue(!Files.isReadable(file), "this user may read everything");
      }
    },
    HUGE_HEADER {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          channel.write(length.putLong(0, 90_000_000), 0);
          channel.write(ByteBuffer.allocate(1), 100_000_000); // a file with holes
        }
      }
    },
    NO_NUMBER {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "fc3.weight", Float.NaN, null);
      }
    },
    INFINITE_VELOCITY {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "velocity.conv1.bias", Float.NEGATIVE_INFINITY, null);
      }
    },
    ANOTHER_STEP_OF_THE_EPOCH {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "", 0, Map.of("stepInEpoch", "9"));
      }
    },
    WORDS_FOR_NUMBERS {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "", 0, Map.of("epoch", "99999999999"));
      }
    },
    NO_CONFIGURATION {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "", 0, Map.of("configuration", "network: ["));
      }
    },
    ANOTHER_NETWORK {
      @Override
      void befall(Path file, byte[] bytes) throws IOException {
        rewrite(file, "conv1.weight", 0, null);
      }
    };

    abstract void befall(Path file, byte[] bytes) throws IOException;
  }

  /**
   * Writes a checkpoint anew, with checksums that fit: one tensor gets another value (0: another
   * shape), or the texts change.
   */
  private static void rewrite(Path file, String tensor, float value, Map<String, String> texts)
      throws IOException {
    Path copy = file.resolveSibling("copy");
    Files.move(file, copy);
    try (Safetensors from = Safetensors.open(copy)) {
      Map<String, String> metadata = new java.util.LinkedHashMap<>(from.metadata());
      metadata.putAll(texts == null ? Map.of() : texts);
      List<TensorInfo> infos = new ArrayList<>();
      for (TensorInfo info : from.tensors().values()) {
        if (info.dtype() == DType.FLOAT32) {
          boolean flat = info.name().equals(tensor) && value == 0;
          infos.add(flat ? TensorInfo.float32(info.name(), info.count()) : info);
        }
      }
      try (SafetensorsWriter writer = SafetensorsWriter.createChecked(file, infos, metadata)) {
        for (TensorInfo info : infos) {
          FloatBuffer values = FloatBuffer.allocate((int) info.count());
          values.put(from.floats(info.name())).flip();
          if (info.name().equals(tensor) && value != 0) {
            values.put(1, value);
          }
          writer.write(info.name(), values);
        }
        writer.commit();
      }
    }
    Files.delete(copy);
  }

  @ParameterizedTest
  @EnumSource
  void theCheckpointBeforeIsUsedAndItIsSaid(Fate fate) throws IOException {
    fate.befall(files.checkpoint(STEPS), expected);
    resume();
    assertArrayEquals(expected, Files.readAllBytes(files.checkpoint(STEPS)));
    String newest = files.checkpoint(STEPS).toString();
    assertTrue(notes.get(0).startsWith("not used: " + newest + ": "), notes.toString());
    assertTrue(notes.get(1).contains("step-00000003.safetensors"), notes.toString());
    assertTrue(Files.exists(Path.of(newest + ".damaged"), java.nio.file.LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void tensorAndElementOfAValueThatIsNoNumberAreNamed() throws IOException {
    rewrite(files.checkpoint(STEPS), "fc3.weight", Float.NaN, null);
    resume();
    assertTrue(
        notes.get(0).contains("tensor fc3.weight[1]: is NaN; allowed: finite numbers"),
        notes.toString());
  }

  @Test
  void setAsideTwiceLosesNothing() throws IOException {
    for (int time = 1; time <= 2; time++) {
      Fate.CUT.befall(files.checkpoint(STEPS), expected);
      resume();
    }
    Path newest = files.checkpoint(STEPS);
    assertTrue(Files.exists(newest.resolveSibling(newest.getFileName() + ".damaged-2")));
  }
}
