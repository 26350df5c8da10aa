package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mapped file that is cut while it is read is named, with the place in it. */
class MappedReadsTest {
  private static final int VALUES = 1 << 20;

  @TempDir Path dir;

  private Path tensors(String name) throws IOException {
    Path file = dir.resolve(name);
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(file, List.of(TensorInfo.float32("w", VALUES)), Map.of())) {
      writer.write("w", FloatBuffer.allocate(VALUES));
      writer.commit();
    }
    return file;
  }

  private static void cut(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(8192);
    }
  }

  @Test
  void aCutTensorIsNamed() throws IOException {
    Path file = tensors("a.safetensors");
    try (Safetensors open = Safetensors.open(file)) {
      FloatBuffer values = open.floats("w");
      float[] to = new float[VALUES];
      cut(file);
      FormatException e =
          assertThrows(
              FormatException.class,
              () -> MappedReads.guard("tensor w", () -> values.get(to), file));
      assertEquals(
          file + ": tensor w: the file was cut, or its disk failed, while it was read",
          e.getMessage());
      assertTrue(e.getCause() instanceof InternalError);
      e = assertThrows(FormatException.class, () -> open.floats("w"));
      assertTrue(e.getMessage().startsWith(file + ": tensor w, byte "), e.getMessage());
    }
  }

  @Test
  void ofTwoFilesTheCutOneIsNamed() throws IOException {
    for (int which = 0; which < 2; which++) {
      Path[] files = {tensors("a.safetensors"), tensors("b.safetensors")};
      Path cut = files[which];
      try (Safetensors a = Safetensors.open(files[0]);
          Safetensors b = Safetensors.open(files[1])) {
        byte[] to = new byte[4 * VALUES];
        ByteBuffer bytesA = a.bytes("w");
        ByteBuffer bytesB = b.bytes("w");
        FormatException e =
            assertThrows(
                FormatException.class,
                () ->
                    MappedReads.guard(
                        "tensor w",
                        () -> {
                          cut(cut);
                          bytesA.get(0, to);
                          return bytesB.get(0, to);
                        },
                        files));
        assertEquals(cut, e.file());
      }
    }
  }

  @Test
  void aCutArrayIsNamed() throws IOException {
    Path file = dir.resolve("x.npy");
    NpyWriter.writeFloats(file, new float[VALUES], VALUES);
    try (Npy npy = Npy.open(file)) {
      ByteBuffer rows = npy.rows(0, VALUES);
      float[] to = new float[VALUES];
      cut(file);
      FormatException e =
          assertThrows(
              FormatException.class,
              () -> MappedReads.guard("row 0", () -> rows.asFloatBuffer().get(to), file));
      assertEquals(file, e.file());
      e = assertThrows(FormatException.class, npy::readFloats);
      assertEquals(
          file + ": row 0: the file was cut to 8192 bytes while it was open", e.getMessage());
    }
  }

  @Test
  void aFolderIsNoArray() throws IOException {
    Path folder = Files.createDirectory(dir.resolve("mean.npy"));
    FormatException e = assertThrows(FormatException.class, () -> Npy.open(folder));
    assertEquals(folder + ": the name: is a folder; allowed: a file", e.getMessage());
  }
}
