package org.alexnet4j.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.experiment.ExperimentResult.Row;
import org.alexnet4j.experiment.ExperimentResult.Run;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Means, measures and colours against values by hand. */
class ExperimentPartsTest {
  @TempDir Path folder;

  /** 1, 2, 3: mean 2, deviation 1, t(2) = 4.303, root of 3. */
  @Test
  void intervalsAreStudents() {
    MeanInterval three = MeanInterval.of(1, 2, 3);
    assertEquals(2, three.mean());
    assertEquals(4.303 / Math.sqrt(3), three.half(), 1e-12);
    assertEquals("2.00 ± 2.48", three.text(1, 2));
    assertEquals("200.0", MeanInterval.of(2).text(100, 1));
    assertEquals("-", MeanInterval.of().text(1, 2));
    assertEquals("-", MeanInterval.of(1, Double.NaN).text(1, 2));
    double[] many = new double[40];
    many[0] = 40; // mean 1, squares 39 * 39 + 39, over 39 and 40: a deviation of the mean of 1
    assertEquals(1.96, MeanInterval.of(many).half(), 1e-12);
  }

  private static String train(int epoch, int images, double error) {
    return String.format(
        Locale.ROOT,
        "{\"kind\":\"train\",\"step\":0,\"epoch\":%d,\"images\":%d,\"loss\":1,\"top1Error\":%s}",
        epoch,
        images,
        error);
  }

  /** An epoch's error is the mean over its images, not over its steps. */
  @Test
  void curvesAreMeansOverImagesByEpoch() throws IOException {
    Files.write(
        new RunFolder(folder).metrics(),
        List.of(
            train(0, 4, 0.5),
            train(0, 1, 1),
            "{\"kind\":\"test\",\"step\":1,\"epoch\":0,\"images\":9,\"loss\":2,"
                + "\"top1Error\":0.5,\"top5Error\":0.25}",
            train(1, 4, 0.2)));
    RunMeasures measures = RunMeasures.read(folder);
    assertEquals(List.of(0.6, 0.2), measures.trainError());
    assertEquals(List.of(0.5), measures.testError());
    assertEquals(List.of(0.25), measures.testTop5());
    assertEquals(0.5, RunMeasures.last(measures.testError()));
    // From 0.6 after one epoch to 0.2 after two: 0.25 at seven eighths of the way.
    assertEquals(1.875, measures.epochsToQuarter(), 1e-12);
  }

  @Test
  void towersSpecialiseWhereChanceWouldNotSortTheirFilters() {
    List<Double> apart = new ArrayList<>();
    List<Double> alike = new ArrayList<>();
    for (int k = 0; k < 16; k++) {
      apart.add(k < 8 ? 0.1 + 0.01 * k : 0.8 + 0.01 * k);
      alike.add(k % 2 == 0 ? 0.1 + 0.01 * k : 0.8 + 0.01 * k);
    }
    FilterColour specialised = FilterColour.of(apart, 2);
    assertEquals(0.135, specialised.shares().get(0), 1e-12);
    assertEquals(0.915, specialised.shares().get(1), 1e-12);
    assertEquals(0.78, specialised.difference(), 1e-12);
    assertTrue(specialised.specialised());
    FilterColour mixed = FilterColour.of(alike, 2);
    assertFalse(mixed.specialised());

    Row row = new Row(null, ImmutableList.of(run(specialised), run(mixed), run(specialised)));
    assertTrue(row.text(100).endsWith("; specialised: 2 of 3"), row.text(100));
    Row errors =
        new Row(
            null,
            ImmutableList.of(new Run(1, "", 0.25, null, null, Optional.empty(), Optional.empty())));
    assertEquals("25.00", errors.text(100));
  }

  private static Run run(FilterColour colour) {
    return new Run(1, "", colour.difference(), null, null, Optional.of(colour), Optional.empty());
  }
}
