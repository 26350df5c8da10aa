package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.foreign.file.CaffeLayer;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.foreign.file.ForeignTensor;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/** What a file says of itself, or what is known of the network that it plainly is. */
public final class KnownNetworks {
  private static final String TORCHVISION = "torchvision";
  private static final ImmutableList<String> CAFFE = ImmutableList.of("caffe-alexnet", "caffenet");

  private KnownNetworks() {}

  /**
   * Returns the network of a file: as an export of this program states it; Caffe's layers are held
   * against both presets of Caffe; names as of torchvision are taken for it.
   *
   * @throws FormatException if nothing tells
   */
  public static Configuration of(ForeignFile file) throws FormatException {
    Optional<Configuration> stated = FileTexts.configuration(file);
    if (stated.isPresent()) {
      return stated.get();
    }
    String differences = "";
    for (String name : file.layers().isEmpty() ? ImmutableList.<String>of() : CAFFE) {
      Configuration preset = ConfigReader.preset(name);
      Optional<String> difference =
          CaffeStructure.difference(preset.network(), file.layers(), Optional.empty());
      if (difference.isEmpty()) {
        return preset;
      }
      differences += "; it is not " + name + ": " + Printable.text(difference.get(), 200);
    }
    boolean sequential =
        file.tensors().keySet().stream()
            .anyMatch(name -> name.matches("(module\\.)?features\\.0\\.weight"));
    if (sequential && differences.isEmpty()) {
      return ConfigReader.preset(TORCHVISION);
    }
    throw new FormatException(
        file.file(),
        "network",
        "nothing says which it is" + differences + "; allowed: --preset NAME or --config FILE");
  }

  /**
   * Returns how a network is fed, as far as that is known.
   *
   * @param configuration what was taken for the file's network
   * @throws IOException if the file states a mean that cannot be read
   */
  public static InputConvention input(ForeignFile file, Configuration configuration)
      throws IOException {
    String name = configuration.network().name();
    ForeignTensor mean = file.tensors().get(FileTexts.MEAN);
    if (mean != null) {
      return InputConvention.ours(doubles(mean));
    }
    if (name.equals(TORCHVISION)) { // its weights' "transforms"
      return new InputConvention(
          false, 255, new double[] {0.485, 0.456, 0.406}, new double[] {0.229, 0.224, 0.225});
    }
    boolean caffe = CAFFE.contains(name) || !file.layers().isEmpty();
    double deviation = 1 / scale(file); // Caffe multiplies
    return new InputConvention(
        caffe, 1, means(file), new double[] {deviation, deviation, deviation});
  }

  private static double[] doubles(ForeignTensor mean) throws IOException {
    float[] values = mean.floats();
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** Returns the grey levels by channel that a layer of images states; none if none does. */
  private static double[] means(ForeignFile file) throws FormatException {
    for (CaffeLayer layer : file.layers()) {
      List<Float> means = layer.feed().means();
      if (means.size() == 1) {
        double one = means.get(0);
        return new double[] {one, one, one};
      }
      if (means.size() == InputConvention.CHANNELS) {
        return means.stream().mapToDouble(Float::doubleValue).toArray();
      }
      require(means.isEmpty(), file, layer, "has " + means.size() + " means; allowed: 1 or 3");
    }
    return new double[0];
  }

  /** Returns what images are multiplied by, as a layer of images states it. */
  private static double scale(ForeignFile file) throws FormatException {
    for (CaffeLayer layer : file.layers()) {
      float scale = layer.feed().scale();
      require(
          scale > 0 && Float.isFinite(scale),
          file,
          layer,
          "scales its input by " + scale + "; allowed: above 0");
      if (scale != 1) {
        return scale;
      }
    }
    return 1;
  }

  /** Returns the file with a mean image that a layer of images names, if one does. */
  public static Optional<String> meanFile(ForeignFile file) {
    return file.layers().stream()
        .map(layer -> layer.feed().meanFile())
        .filter(name -> !name.isEmpty())
        .findFirst();
  }

  private static void require(boolean condition, ForeignFile file, CaffeLayer layer, String what)
      throws FormatException {
    if (!condition) {
      throw new FormatException(file.file(), layer.title(), what);
    }
  }

  /**
   * Returns the names of the classes, as an export of this program states them; otherwise none.
   *
   * @throws FormatException if what is stated is no list of names
   */
  public static List<String> classes(ForeignFile file) throws FormatException {
    return FileTexts.classes(file).orElse(List.of());
  }
}
