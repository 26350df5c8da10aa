package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Npy;
import org.alexnet4j.io.Printable;
import org.alexnet4j.io.TensorInfo;

/** NumPy arrays: the members of an {@code .npz}, or the {@code .npy} files of a folder. */
final class NumpyArrays {
  /** Where our own archives keep their texts: a JSON object in an array of bytes. */
  static final String TEXTS = "alexnet4j.metadata";

  private static final String ENDING = ".npy";
  private static final int HEADER_BYTES = 1 << 16;
  private static final int MOST_TEXT_BYTES = 16 << 20;
  private static final int MOST_FILES = 10_000;

  private NumpyArrays() {}

  /** Opens an archive; a member is unpacked when it is asked for. */
  static ForeignFile archive(Path file) throws IOException {
    ZipMembers zip = ZipMembers.open(file, true);
    try {
      ImmutableMap.Builder<String, ForeignTensor> tensors = ImmutableMap.builder();
      ImmutableMap<String, String> texts = ImmutableMap.of();
      for (String member : zip.names()) {
        if (!member.endsWith(ENDING)) {
          throw new FormatException(
              file, "member " + Printable.name(member), "is no array; allowed: names in .npy");
        }
        String name = member.substring(0, member.length() - ENDING.length());
        if (name.equals(TEXTS)) {
          texts = texts(file, zip.read(member, MOST_TEXT_BYTES));
          continue;
        }
        Path place = place(file, member);
        TensorInfo info = Npy.describe(place, zip.prefix(member, HEADER_BYTES), zip.size(member));
        tensors.put(
            name,
            tensor(
                name,
                info,
                () -> read(place, zip, member, info),
                () -> {
                  byte[] bytes = zip.read(member, ForeignTensor.MOST * Float.BYTES - 1);
                  try (Npy npy = Npy.of(place, bytes)) {
                    return npy.readIntegers();
                  }
                }));
      }
      return ForeignFile.of(file, ForeignFile.Format.NUMPY, tensors.buildOrThrow(), texts, zip);
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  /** What messages call a member; a name that no path can have is shown as it can be printed. */
  private static Path place(Path file, String member) {
    return Path.of(file + "!" + Printable.name(member));
  }

  private static float[] read(Path place, ZipMembers zip, String member, TensorInfo info)
      throws IOException {
    SafetensorsFile.requireExact(place, info.name(), info.dtype());
    byte[] bytes = zip.read(member, ForeignTensor.MOST * Float.BYTES - 1);
    try (Npy npy = Npy.of(place, bytes)) {
      return npy.readFloats();
    }
  }

  private static ForeignTensor tensor(
      String name,
      TensorInfo info,
      ForeignTensor.Reading reading,
      ForeignTensor.Integers integers) {
    boolean whole = !info.dtype().isFloat() && info.dtype() != DType.BOOL;
    return new ForeignTensor(
        name,
        ImmutableList.copyOf(info.shape()),
        info.dtype().toString(),
        reading,
        whole ? Optional.of(integers) : Optional.empty());
  }

  private static ImmutableMap<String, String> texts(Path file, byte[] member) throws IOException {
    try (Npy npy = Npy.of(place(file, TEXTS), member)) {
      long[] values = npy.readIntegers();
      byte[] bytes = new byte[values.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) values[i];
      }
      return texts(file, new String(bytes, StandardCharsets.UTF_8));
    }
  }

  private static ImmutableMap<String, String> texts(Path file, String json) throws FormatException {
    ImmutableMap.Builder<String, String> texts = ImmutableMap.builder();
    try {
      for (Map.Entry<String, JsonElement> entry :
          JsonParser.parseString(json).getAsJsonObject().entrySet()) {
        texts.put(entry.getKey(), entry.getValue().getAsString());
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw new FormatException(
          file, "member " + TEXTS + ENDING, "is no JSON object of texts (" + e.getMessage() + ")");
    }
    return texts.buildOrThrow();
  }

  /** Opens a folder of arrays, a file each; a link counts as the file that it leads to. */
  static ForeignFile folder(Path folder) throws IOException {
    Map<String, ForeignTensor> tensors = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> list = Files.list(folder)) {
      files = list.filter(f -> f.toString().endsWith(ENDING)).limit(MOST_FILES + 1L).toList();
    }
    if (files.isEmpty() || files.size() > MOST_FILES) {
      throw new FormatException(
          folder, "the folder", "has " + files.size() + " .npy files; allowed: 1 to " + MOST_FILES);
    }
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new FormatException(file, "the name", "is no file; allowed: a .npy file");
      }
      String base = file.getFileName().toString();
      String name = base.substring(0, base.length() - ENDING.length());
      try (Npy npy = Npy.open(file)) {
        TensorInfo info = new TensorInfo(name, npy.dtype(), npy.shape());
        tensors.put(
            name,
            tensor(
                name,
                info,
                () -> read(file, info),
                () -> {
                  try (Npy again = Npy.open(file)) {
                    return again.readIntegers();
                  }
                }));
      }
    }
    return ForeignFile.of(
        folder,
        ForeignFile.Format.NUMPY,
        ImmutableMap.copyOf(tensors),
        ImmutableMap.of(),
        () -> {});
  }

  private static float[] read(Path file, TensorInfo info) throws IOException {
    SafetensorsFile.requireExact(file, info.name(), info.dtype());
    try (Npy npy = Npy.open(file)) {
      return npy.readFloats();
    }
  }
}
