package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Findings.Layer;
import org.alexnet4j.plan.LayerSummary;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/** Measures every layer of every tower: activations forward, gradients in one step. */
final class LayerSurvey {
  /** Enough for shares and histograms; reading every plane back costs more than computing it. */
  private static final int IMAGES = 128;

  private final Towers towers;
  private final Planes planes;
  private final Map<String, Map<Integer, LayerStatistics>> statistics = new LinkedHashMap<>();
  private final Map<String, Map<Integer, Double>> gradients = new LinkedHashMap<>();
  private int images;
  private int gradientImages;

  LayerSurvey(Towers towers) {
    this.towers = towers;
    this.planes = new Planes(towers);
  }

  int images() {
    return images;
  }

  int gradientImages() {
    return gradientImages;
  }

  /** Looks at what the last pass left, until enough images were seen. */
  void add(int count) {
    if (images >= IMAGES) {
      return;
    }
    images += count;
    for (LayerSummary layer : towers.plan().layers()) {
      for (int tower : planes.holders(layer.name())) {
        int channels = planes.extent(tower, layer.name()).c();
        int values = count * planes.extent(tower, layer.name()).count();
        statistics
            .computeIfAbsent(layer.name(), name -> new LinkedHashMap<>())
            .computeIfAbsent(tower, t -> new LayerStatistics(channels))
            .add(towers.read(tower, layer.name()), values);
      }
    }
  }

  /** Runs forward and backward with one whole batch, without update and without dropout. */
  void backward(Dataset sample, int threads) throws IOException {
    int batch = towers.plan().batch();
    if (sample.size() < batch) {
      return; // a pass backward needs as many images as were planned for
    }
    Augmentation centre = Augmentation.centre(towers.plan().spec().inputSize());
    try (BatchLoader loader =
        BatchLoader.sequential(EvenSample.of(sample, batch), batch)
            .threads(threads)
            .augmentation(centre)) {
      Batch next = loader.next();
      towers.load(batch, next.images(), next.crops(), null, next.labels());
    }
    towers.inspect(new StepSettings(0, 0, 0, 0), false);
    gradientImages = batch;
    for (LayerSummary layer : towers.plan().layers()) {
      String name = "grad." + layer.name();
      for (int tower : planes.holders(name)) {
        double squares = 0;
        float[] values = towers.read(tower, name);
        for (float value : values) {
          squares += (double) value * value;
        }
        gradients
            .computeIfAbsent(layer.name(), n -> new LinkedHashMap<>())
            .put(tower, Math.sqrt(squares / values.length));
      }
    }
  }

  ImmutableList<Layer> layers() {
    ImmutableList.Builder<Layer> layers = ImmutableList.builder();
    for (LayerSummary layer : towers.plan().layers()) {
      List<LayerStatistics.Summary> summaries = new ArrayList<>();
      statistics
          .getOrDefault(layer.name(), Map.of())
          .forEach(
              (tower, statistic) -> {
                Map<Integer, Double> known = gradients.getOrDefault(layer.name(), Map.of());
                summaries.add(statistic.summary(tower, known.getOrDefault(tower, 0.0)));
              });
      layers.add(new Layer(layer.name(), layer.kind(), summaries));
    }
    return layers.build();
  }
}
