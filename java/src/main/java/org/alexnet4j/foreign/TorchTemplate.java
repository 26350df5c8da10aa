package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands around the layers in every Python module that is written. */
final class TorchTemplate {
  private static final Pattern PLACE = Pattern.compile("<([A-Z]+)>");

  private static final String TEXT =
      """
      # The network <NAME> for PyTorch, written by alexnet4j's export.
      \"""AlexNet with its weights, which are in the .safetensors file of the same name beside this one.

      load() returns the network, and its probabilities(images) the softmax over CLASSES. To train on,
      call the network itself: it takes what preprocess(images) returns, and gives logits.
      \"""

      from pathlib import Path

      import safetensors.torch
      import torch
      import torch.nn.functional as F
      from torch import nn

      SOURCE = <SOURCE>  # side of the stored pictures
      CROP = <CROP>  # side of what the network sees: their centre
      CLASSES = [
      <CLASSES>]
      <OWN>

      class AlexNet(nn.Module):
          \"""Shapes behind the layers are what they give.\"""

          def __init__(self):
              super().__init__()
              self.features = nn.Sequential(
      <FEATURES>        )
              self.classifier = nn.Sequential(
      <CLASSIFIER>        )
              self.register_buffer("mean", torch.zeros(3, <MEAN>), persistent=False)

          def forward(self, x):
              \"""x[N, 3, CROP, CROP] as of preprocess -> logits[N, classes].\"""
              return self.classifier(torch.flatten(self.features(x), 1))

          def preprocess(self, images):
              \"""images[N, SOURCE, SOURCE, 3], grey levels 0 to 255, R, G, B -> the centre minus the mean.\"""
              if tuple(images.shape[1:]) != (SOURCE, SOURCE, 3):
                  raise ValueError(f"images are {tuple(images.shape)}; allowed: [N, {SOURCE}, {SOURCE}, 3]")
              x = images.permute(0, 3, 1, 2).float() - self.mean
              edge = (SOURCE - CROP) // 2
              return x[:, :, edge : edge + CROP, edge : edge + CROP]

          def probabilities(self, images):
              \"""images as of preprocess -> probabilities[N, classes], in the order of CLASSES.\"""
              return torch.softmax(self(self.preprocess(images)), dim=1)


      def load(file=Path(__file__).with_suffix(".safetensors")):
          \"""Returns the network with the weights of a file, ready to be evaluated.\"""
          tensors = safetensors.torch.load_file(file)
          network = AlexNet()
          network.mean.copy_(tensors.pop("alexnet4j.mean").reshape(network.mean.shape))
          network.load_state_dict(tensors)  # every name and every shape, or an error
          return network.eval()
      """;

  private TorchTemplate() {}

  /** Returns the text with values in its places; what a value holds is not looked at again. */
  static String fill(ImmutableMap<String, String> values) {
    Matcher places = PLACE.matcher(TEXT);
    return places.replaceAll(place -> Matcher.quoteReplacement(values.get(place.group(1))));
  }
}
