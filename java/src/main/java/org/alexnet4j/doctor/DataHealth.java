package org.alexnet4j.doctor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.io.Printable;
import org.alexnet4j.report.Numbers;

/** A data set: whether it opens, how much is in it, whether some of its images can be decoded. */
final class DataHealth {
  private static final int DECODED = 8;

  private DataHealth() {}

  static List<Finding> examine(String spec) {
    List<Finding> findings = new ArrayList<>();
    try (Dataset train = Datasets.open(spec, DataOptions.train());
        Dataset heldOut = Datasets.open(spec, DataOptions.heldOut())) {
      decode(train);
      decode(heldOut);
      findings.add(
          Finding.ok(
              "data",
              String.format(
                  Locale.ROOT,
                  "%s: %s images of %s classes to train, %s held out; some of each decoded",
                  Printable.text(spec, 200),
                  Numbers.grouped(train.size()),
                  Numbers.grouped(train.classes().size()),
                  Numbers.grouped(heldOut.size()))));
      long empty = emptyClasses(train);
      if (empty > 0) {
        findings.add(
            Finding.note("data", empty + " classes have no image to train", "name them in val/"));
      }
      if (heldOut.size() == 0) {
        findings.add(
            Finding.note("data", "no image is held out, so no error can be measured", "add val/"));
      }
    } catch (IOException | RuntimeException e) {
      findings.add(
          Finding.problem(
              "data",
              Printable.text(String.valueOf(e.getMessage()), 400),
              "./alexnet prepare or data verify say more"));
    }
    return findings;
  }

  private static long emptyClasses(Dataset data) {
    boolean[] seen = new boolean[data.classes().size()];
    for (int i = 0; i < data.size(); i++) {
      if (data.label(i) >= 0) {
        seen[data.label(i)] = true;
      }
    }
    return IntStream.range(0, seen.length).filter(label -> !seen[label]).count();
  }

  /** Decodes images from all over a data set. */
  private static void decode(Dataset data) throws IOException {
    ByteBuffer image = ByteBuffer.allocateDirect(data.imageBytes());
    int count = Math.min(DECODED, data.size());
    for (int i = 0; i < count; i++) {
      image.clear();
      data.read((int) ((long) i * data.size() / count), image);
    }
  }
}
