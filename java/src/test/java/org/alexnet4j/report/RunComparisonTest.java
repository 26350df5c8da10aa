package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.report.RunComparison.Difference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunComparisonTest {
  @TempDir Path folder;

  @Test
  void sameRunsAreTheSameWhateverTheirTimes() throws IOException {
    Path a = run("a", "{\"step\":1,\"loss\":2.5,\"seconds\":1,\"loaderShare\":0}", 1, 2);
    Path b = run("b", "{\"step\":1,\"loss\":2.5,\"seconds\":9,\"loaderShare\":0.5}", 1, 2);
    assertEquals(new RunComparison(1, 1, Optional.empty()), RunComparison.of(a, b, 0));
  }

  @Test
  void theFirstDifferentStepIsNamed() throws IOException {
    Path a = run("a", "{\"step\":1,\"loss\":2.5}\n{\"step\":2,\"loss\":2.25}", 1, 2);
    Path b = run("b", "{\"step\":1,\"loss\":2.5}\n{\"step\":2,\"loss\":2.375}", 1, 3);
    assertEquals(
        Optional.of(
            new Difference(
                "record step 2, loss; step-1.safetensors, w[1]", "2.25; 2.0", "2.375; 3.0")),
        RunComparison.of(a, b, 0).difference());
  }

  @Test
  void aShorterRunIsDifferent() throws IOException {
    Path a = run("a", "{\"step\":1}\n{\"step\":2}", 1);
    Path b = run("b", "{\"step\":1}", 1);
    assertEquals(
        Optional.of(new Difference("record step 2", "present", "missing")),
        RunComparison.of(a, b, 0).difference());
  }

  @Test
  void anEvaluationThatOnlyTheStoppedRunMadeIsNoDifference() throws IOException {
    String train = "{\"kind\":\"train\",\"step\":1}";
    Path a = run("a", train + "\n{\"kind\":\"test\",\"step\":1,\"loss\":2}", 1);
    Path b = run("b", train, 1);
    assertEquals(new RunComparison(1, 1, Optional.empty()), RunComparison.of(a, b, 0));
    assertEquals(new RunComparison(1, 1, Optional.empty()), RunComparison.of(b, a, 0));
  }

  @Test
  void aMissingMetricIsADifference() throws IOException {
    Path a = run("a", "{\"step\":1,\"loss\":1}", 1);
    Path b = run("b", "{\"step\":1}", 1);
    assertEquals(
        "record step 1, loss", RunComparison.of(a, b, 0).difference().orElseThrow().where());
  }

  @Test
  void theFirstDifferentElementOfACheckpointIsNamed() throws IOException {
    Path a = run("a", "{\"step\":1}", 1, 2, 3);
    Path b = run("b", "{\"step\":1}", 1, 5, 4);
    assertEquals(
        Optional.of(new Difference("step-1.safetensors, w[1]", "2.0", "5.0")),
        RunComparison.of(a, b, 0).difference());
  }

  @Test
  void layerAndPlaceAlongEachAxisAreNamed() throws IOException {
    float[] values = new float[24];
    Path a = shaped("a.safetensors", values);
    values[17] = 1; // 17 = (1 * 3 + 1) * 4 + 1
    Path b = shaped("b.safetensors", values);
    assertEquals(
        "a.safetensors, layer conv1, velocity.conv1.weight[1,1,1]",
        RunComparison.of(a, b, 0).difference().orElseThrow().where());
  }

  private Path shaped(String name, float[] values) throws IOException {
    Path file = folder.resolve(name);
    List<TensorInfo> infos = List.of(TensorInfo.float32("velocity.conv1.weight", 2, 3, 4));
    try (SafetensorsWriter writer = SafetensorsWriter.createChecked(file, infos, Map.of())) {
      writer.write("velocity.conv1.weight", FloatBuffer.wrap(values));
      writer.commit();
    }
    return file;
  }

  @Test
  void timesAndSharesOfTimeAreNoDifference() throws IOException {
    Path a = run("a", "{\"step\":1,\"loaderShare\":0.5,\"time\":1}", 1);
    Path b = run("b", "{\"step\":1,\"loaderShare\":0.25,\"time\":2}", 1);
    assertEquals(Optional.empty(), RunComparison.of(a, b, 0).difference());
  }

  @Test
  void zeroToleranceMeansBits() throws IOException {
    Path a = run("a", "{\"step\":1}", 0f);
    Path b = run("b", "{\"step\":1}", -0f);
    assertEquals("0.0", RunComparison.of(a, b, 0).difference().orElseThrow().first());
    assertEquals(Optional.empty(), RunComparison.of(a, b, 1e-6).difference());
  }

  @Test
  void toleranceIsRelative() throws IOException {
    Path a = run("a", "{\"step\":1,\"loss\":100}", 1);
    Path b = run("b", "{\"step\":1,\"loss\":101}", 1.01f);
    assertEquals(Optional.empty(), RunComparison.of(a, b, 0.011).difference());
    assertEquals(
        "record step 1, loss; step-1.safetensors, w[0]",
        RunComparison.of(a, b, 0.009).difference().orElseThrow().where());
  }

  @Test
  void tensorsOfAnotherShapeOrMissingAreDifferent() throws IOException {
    Path a = run("a", "{\"step\":1}", 1, 2);
    Path b = run("b", "{\"step\":1}", 1);
    assertEquals(
        Optional.of(new Difference("step-1.safetensors, w", "FLOAT32 [2]", "FLOAT32 [1]")),
        RunComparison.of(a, b, 0).difference());
  }

  @Test
  void filesAreComparedAsTheyAre() throws IOException {
    Path a = run("a", "{}", 1, 2).resolve("checkpoints/step-1.safetensors");
    Path b = run("b", "{}", 1, 3).resolve("checkpoints/step-1.safetensors");
    assertEquals("3.0", RunComparison.of(a, b, 0).difference().orElseThrow().second());
  }

  @Test
  void aFolderWithoutMetricsIsRefused() throws IOException {
    Path a = run("a", "{}", 1);
    Path none = Files.createDirectory(folder.resolve("none"));
    NoSuchFileException e =
        assertThrows(NoSuchFileException.class, () -> RunComparison.of(a, none, 0));
    assertEquals(none.toString(), e.getFile());
  }

  private Path run(String name, String metrics, float... values) throws IOException {
    Path run = Files.createDirectory(folder.resolve(name));
    Files.writeString(run.resolve("metrics.jsonl"), metrics + "\n");
    List<TensorInfo> infos = List.of(TensorInfo.float32("w", values.length));
    Path file = run.resolve("checkpoints/step-1.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, infos, Map.of())) {
      writer.write("w", FloatBuffer.wrap(values));
      writer.commit();
    }
    return run;
  }
}
