package org.alexnet4j.cli.run;

import com.google.common.primitives.Doubles;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.eval.ChosenImages;
import org.alexnet4j.eval.ImagePart;
import org.alexnet4j.eval.MixtureShares;
import picocli.CommandLine.Option;

/**
 * Shares of an ensemble that are tuned on one part of the images and measured on the others.
 *
 * @param part on which they are tuned
 * @param tuned its images
 * @param measured all others
 * @param shares what was found
 * @param equalLoss mean log-loss of the part with equal shares, nats
 */
record ShareTuning(
    ImagePart part,
    ChosenImages tuned,
    ChosenImages measured,
    MixtureShares shares,
    double equalLoss) {

  /** Which part of the images. */
  static final class Options {
    @Option(
        names = "--tune-shares",
        paramLabel = "PART",
        description = "Fit shares to this part of the images, as 1/2; measure the rest.")
    private String part;

    boolean isGiven() {
      return part != null;
    }

    /** Refuses what cannot be tuned. */
    void require(int members, List<Float> shares) {
      if (part == null) {
        return;
      }
      part();
      if (!shares.isEmpty()) {
        throw usage("--shares states what --tune-shares finds; allowed: one of them");
      }
      if (members < 2) {
        throw usage(
            "--tune-shares has one network to tune; allowed: two or more, with --with or"
                + " --predictions");
      }
    }

    ImagePart part() {
      try {
        return ImagePart.of(part);
      } catch (IllegalArgumentException e) {
        throw usage("--tune-shares: " + e.getMessage());
      }
    }

    private static CommandException usage(String line) {
      return new CommandException(ExitCode.USAGE, line);
    }
  }

  /** Tells what each member says of the own class of each of some images. */
  interface Own {
    /** Returns {@code [images,members]}. */
    double[][] of(ChosenImages images) throws IOException;
  }

  /**
   * Tunes.
   *
   * @param data names the set
   * @throws DataException if one of the parts has no images
   */
  static ShareTuning of(ImagePart part, String data, Dataset set, Own own) throws IOException {
    ChosenImages tuned = part.in(set);
    ChosenImages measured = part.outside(set);
    requireImages(part, data, tuned, measured);
    double[][] said = own.of(tuned);
    double[] equal = new double[said[0].length];
    Arrays.fill(equal, 1.0 / equal.length);
    return new ShareTuning(
        part, tuned, measured, MixtureShares.fit(said), MixtureShares.loss(said, equal));
  }

  /** Refuses a part that leaves nothing to tune on, or to measure. */
  static void requireImages(ImagePart part, String data, Dataset tuned, Dataset measured)
      throws DataException {
    if (tuned.size() == 0 || measured.size() == 0) {
      String empty = tuned.size() == 0 ? "part " + part : "what is outside of part " + part;
      throw new DataException(
          data,
          empty + " of its " + (tuned.size() + measured.size()) + " images is empty",
          "a part that leaves images on both sides");
    }
  }

  /** Returns the shares as eval takes them. */
  List<Double> list() {
    return Doubles.asList(shares.shares());
  }

  /** Says what was done, for a result. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("part", part.toString());
    json.put("images", tuned.size());
    json.put("loss", shares.loss());
    json.put("lossOfEqualShares", equalLoss);
    json.put("gap", shares.gap());
    json.put("rounds", shares.rounds());
    json.put("measured", "the other images");
    json.put("measuredImages", measured.size());
    return json;
  }

  /** The same for a person. */
  String text() {
    return String.format(
        Locale.ROOT,
        "shares %s: tuned on part %s, %d images, loss %.4f (equal ones %.4f); what follows is of the"
            + " other %d",
        list().stream()
            .map(share -> String.format(Locale.ROOT, "%.4f", share))
            .collect(Collectors.joining(", ")),
        part,
        tuned.size(),
        shares.loss(),
        equalLoss,
        measured.size());
  }
}
