package org.alexnet4j.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.alexnet4j.config.ConfigReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Other networks' names for layers. */
class LayerNamesTest {
  private static NetworkSpec preset(String name) {
    return ConfigReader.preset(name).network();
  }

  /**
   * torchvision's places as its source lists them: Conv, ReLU, MaxPool, ...; where a network has
   * normalisations, those count. Caffe's names; where a name is a layer's own, it is that layer.
   */
  @ParameterizedTest
  @CsvSource({
    "torchvision, features.0, conv1",
    "torchvision, features.2, pool1",
    "torchvision, features.10, conv5",
    "torchvision, features.12, pool5",
    "torchvision, classifier.0, drop5",
    "torchvision, classifier.1, fc6",
    "torchvision, classifier.5, relu7",
    "torchvision, classifier.6, fc8",
    "torchvision, prob, softmax",
    "torchvision, data, input",
    "torchvision, input, input",
    "caffenet, features.3, lrn1",
    "caffenet, norm1, lrn1",
    "caffenet, norm2, lrn2",
    "caffenet, lrn2, lrn2",
    "caffenet, classifier.0, fc6",
    "caffenet, dropout7, drop7",
    "caffe-alexnet, lrn1, norm1",
    "caffe-alexnet, relu6, relu6",
    "caffe-alexnet, fc7, fc7",
    "code-2012, norm2, norm2",
    "code-2012, features.7, cnorm2",
    "code-2012, lrn1, norm1",
    "cifar10-18pct, norm1, rnorm1",
    "cifar10-18pct, norm2, rnorm2",
    "figure-1, relu2, neuron2",
    "six-conv, conv6, conv6",
    "six-conv, relu6, relu6",
    "depth-minus-conv3, relu4, relu4",
  })
  void means(String network, String given, String layer) {
    assertEquals(layer, LayerNames.resolve(preset(network), given));
  }

  /** A layer's own name wins, whatever place or kind it reads as. */
  @Test
  void ownNamesWin() {
    NetworkSpec swapped =
        preset("torchvision")
            .withLayers(
                layer ->
                    layer.name().equals("relu5")
                        ? new LayerSpec.Relu("features.0")
                        : layer.name().equals("relu6") ? new LayerSpec.Relu("data") : layer);
    assertEquals("features.0", LayerNames.resolve(swapped, "features.0"));
    assertEquals("features.0", LayerNames.resolve(swapped, "relu5"));
    assertEquals("data", LayerNames.resolve(swapped, "data"));
    assertEquals(List.of("conv1"), LayerNames.meant(preset("torchvision"), "features.0"));
  }

  private static String refused(String network, String given) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> LayerNames.resolve(preset(network), given));
    assertEquals(1, e.getMessage().lines().count());
    return e.getMessage();
  }

  @Test
  void severalOrNoneAreRefusedWithWhatThereIs() {
    assertEquals(
        "layer 'lrn2' may be norm2 or cnorm2; allowed: one of these", refused("code-2012", "lrn2"));
    String none = refused("torchvision", "norm1");
    assertTrue(
        none.startsWith("no layer 'norm1'; allowed: input, conv1, relu1, pool1, conv2"), none);
    assertTrue(
        none.endsWith("softmax; also features.0 to features.12, classifier.0 to classifier.6"),
        none);
    String near = refused("torchvision", "relus1");
    assertTrue(near.startsWith("no layer 'relus1'; did you mean 'relu1'? allowed: input,"), near);
    for (String given :
        List.of(
            "features.13",
            "classifier.7",
            "features.-1",
            "features.00",
            "pool3",
            "conv9",
            "CONV1",
            "conv",
            "1",
            "",
            "relu99999999999",
            "features")) {
      refused("torchvision", given);
    }
    assertTrue(refused("torchvision", "x".repeat(100_000)).length() < 400);
  }

  /** Every layer but softmax has a place, and each place leads back to it. */
  @Test
  void placesOfAllPresets() {
    for (String name : ConfigReader.PRESETS) {
      NetworkSpec network = preset(name);
      assertEquals(network.layers().size() - 1, LayerNames.rows(network).size(), name);
      LayerNames.rows(network)
          .forEach((layer, place) -> assertEquals(layer, LayerNames.resolve(network, place)));
      assertTrue(
          network.layers().get(LayerNames.split(network)) instanceof LayerSpec.Fc
              || network.layers().get(LayerNames.split(network)) instanceof LayerSpec.Dropout,
          name);
    }
  }
}
