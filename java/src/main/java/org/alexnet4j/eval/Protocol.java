package org.alexnet4j.eval;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.DataOptions.Resize;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.net.NetworkSpec;

/**
 * How a publication brought test images to an AlexNet. Errors by two protocols differ by a percent
 * or more, so a number means something only together with its own.
 *
 * @hidden
 */
public enum Protocol {
  /** The paper, section 2 and 4.1: the network's own window, ten views. */
  PAPER(
      Resize.CENTRE_SQUARE,
      0,
      Views.TEN,
      "shorter side to 256, central 256 x 256 (its filter is not stated; here the mean over areas)",
      "not stated"),

  /** Caffe's reference models: create_imagenet.sh, crop_size 227 in the test phase. */
  CAFFE(
      Resize.WARP,
      227,
      Views.CENTRE,
      "whole image warped to 256 x 256 (there by OpenCV, here by the mean over areas)",
      "OpenCV"),

  /** torchvision's pretrained weights: Resize(256), CenterCrop(224) of Pillow's images. */
  TORCHVISION(
      Resize.SHORTER_SIDE,
      224,
      Views.CENTRE,
      "shorter side to 256 by Pillow's bilinear filter, central 256 x 256",
      "Pillow");

  private static final int SIDE = 256;

  private final Resize resize;
  private final int window;
  private final Views views;
  private final String squares;
  private final String decoder;

  Protocol(Resize resize, int window, Views views, String squares, String decoder) {
    this.resize = resize;
    this.window = window;
    this.views = views;
    this.squares = squares;
    this.decoder = decoder;
  }

  /** {@return the windows of each image} */
  public Views views() {
    return views;
  }

  /**
   * {@return how data are opened}
   *
   * @param options as asked
   */
  public DataOptions applyTo(DataOptions options) {
    return options.withSource(SIDE).withResize(resize);
  }

  /**
   * {@return the side of the window that a network is to look through}
   *
   * @param network that looks
   * @throws IllegalArgumentException if the network is for images of another size
   */
  public int window(NetworkSpec network) {
    int own = network.inputSize();
    if (network.sourceSize() != SIDE || own != 224 && own != 227) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "--protocol %s is for windows of 224 or 227 in images of 256 pixels, %s has %d in %d;"
                  + " allowed: no --protocol",
              word(),
              network.name(),
              own,
              network.sourceSize()));
    }
    return window == 0 ? own : window;
  }

  /**
   * Refuses data that were prepared at another side; other pixels are refused where they are
   * opened.
   *
   * @param spec names the data
   * @throws IOException if the data are there and cannot be read
   */
  public void requireData(String spec) throws IOException {
    Optional<Integer> side = Datasets.preparedSide(spec);
    if (side.isPresent() && side.get() != SIDE) {
      throw new DataException(
          spec,
          "was prepared at a side of " + side.get() + " pixels",
          SIDE + ", which --protocol " + word() + " needs; or the images themselves");
    }
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Says what is done, for a result.
   *
   * @param network that is evaluated
   * @return names and values, in their order
   */
  public Map<String, Object> json(NetworkSpec network) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", word());
    json.put("resize", squares);
    json.put("window", window(network));
    json.put("views", views.name().toLowerCase(Locale.ROOT));
    json.put("decoder", Datasets.decoder());
    json.put("decoderThere", decoder);
    return json;
  }

  /**
   * {@return the same for a person}
   *
   * @param network that is evaluated
   */
  public String text(NetworkSpec network) {
    return String.format(
        Locale.ROOT,
        "protocol %s: %s, %s of %d; decoded by %s, there by: %s",
        word(),
        squares,
        views == Views.TEN ? "four corners and the centre, each also mirrored," : "centre crop",
        window(network),
        Datasets.decoder(),
        decoder);
  }
}
