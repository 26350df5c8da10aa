package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunHistoryTest {
  @TempDir Path folder;

  private RunHistory read(String lines) throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(file, lines);
    return RunHistory.read(file);
  }

  private static String train(int step, int epoch, String loss) {
    return String.format(
            Locale.ROOT,
            "{\"kind\":\"train\",\"step\":%d,\"epoch\":%d,\"images\":100,\"loss\":%s,",
            step,
            epoch,
            loss)
        + "\"top1Error\":0.5,\"top5Error\":0.25,\"rate\":0.01,\"imagesPerSecond\":50}\n";
  }

  @Test
  void timeRunsWithTheStepsAndStandsStillInEvaluations() throws IOException {
    RunHistory history =
        read(
            "{\"kind\":\"change\",\"step\":0,\"images\":9}\n"
                + train(0, 0, "2")
                + train(1, 0, "1")
                + "{\"kind\":\"test\",\"step\":1,\"epoch\":1,\"images\":7,\"loss\":3,"
                + "\"top1Error\":1,\"top5Error\":0}\n"
                + train(2, 1, "\"NaN\"")
                + "{\"kind\":\"train\",\"st");
    assertEquals(3, history.steps());
    assertEquals(300, history.images());
    assertEquals(6, history.seconds());
    assertEquals(2, history.stepsPerEpoch());
    assertArrayEquals(new float[] {2, 4, 6}, history.train().seconds());
    assertArrayEquals(new float[] {2, 1, Float.NaN}, history.train().loss());
    assertTrue(Float.isNaN(history.train().loaderShare()[0]));
    assertArrayEquals(new float[] {4}, history.test().seconds());
    assertArrayEquals(new float[] {1}, history.test().top1Error());
    assertEquals(new RunHistory.Evaluation(1, 7, 3, 1, 0), history.last());
  }

  @Test
  void normsAreColumnsByLayer() throws IOException {
    String norms =
        "{\"kind\":\"norms\",\"step\":1,\"epoch\":0,\"layers\":{\"conv1\":{\"gradient\":0.5,"
            + "\"ratio\":0.25},\"fc2\":{\"gradient\":null,\"ratio\":0}}}\n";
    RunHistory history = read(train(0, 0, "2") + train(1, 0, "1") + norms);
    RunHistory.Norms conv1 = history.norms().get("conv1");
    assertArrayEquals(new float[] {1}, conv1.step());
    assertArrayEquals(new float[] {4}, conv1.seconds());
    assertArrayEquals(new float[] {0.5f}, conv1.gradient());
    assertArrayEquals(new float[] {0.25f}, conv1.ratio());
    assertTrue(Float.isNaN(history.norms().get("fc2").gradient()[0]));
    assertEquals(java.util.Map.of(), read(train(0, 0, "2")).norms());
  }

  @Test
  void aLongRunIsDrawnFromMeans() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int step = 0; step < 4000; step++) {
      lines.append(train(step, step / 1000, String.valueOf(step % 4)));
    }
    RunHistory.Curve curve = read(lines.toString()).train();
    assertEquals(4, curve.stepsPerPoint());
    assertEquals(1000, curve.loss().length);
    assertEquals(1.5f, curve.loss()[500]);
    assertEquals(1.5f, curve.step()[0]);
  }
}
