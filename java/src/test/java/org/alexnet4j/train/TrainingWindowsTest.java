package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import org.alexnet4j.config.AugmentationSpec;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.ColourNoise;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.junit.jupiter.api.Test;

/** Each word of a configuration's augmentation becomes what it says. */
class TrainingWindowsTest {
  private static Augmentation of(String augmentation) throws IOException {
    Configuration configuration =
        ConfigReader.text("x.yaml", "extends: paper-2012\naugmentation: " + augmentation + "\n");
    try (Dataset images = Datasets.open("synthetic:train=20,test=10", DataOptions.train())) {
      return TrainingWindows.of(configuration, images);
    }
  }

  @Test
  void thePapersWindows() throws IOException {
    Augmentation plain = of("{colourNoise: off}");
    assertEquals(Augmentation.paper2012(224), plain);
    assertEquals(Augmentation.centre(224), of("{crop: centre, flip: false, colourNoise: off}"));
    assertEquals(plain.withoutFlip(), of("{flip: false, colourNoise: off}"));
    assertEquals(plain.withLastOffset(), of("{lastOffset: true, colourNoise: off}"));
    assertEquals(plain.withChunk(32), of("{chunk: 32, colourNoise: off}"));
  }

  @Test
  void noiseIsAddedWhereItIsOn() throws IOException {
    ColourNoise noise = of("{colourNoise: on}").noise().orElseThrow();
    assertEquals(1, noise.divisor());
    assertEquals(AugmentationSpec.ALL_EPOCHS, noise.epochs());
    // Drawn images come without statistics; those of ImageNet stand in.
    assertArrayEquals(ColourNoise.imageNet().deviations(), noise.deviations());
    ColourNoise ofRun = of("{colourNoise: on, noiseDivisor: 2, noiseEpochs: 5}").noise().get();
    assertEquals(2, ofRun.divisor());
    assertEquals(5, ofRun.epochs());
    assertFalse(of("{colourNoise: off}").noise().isPresent());
  }
}
