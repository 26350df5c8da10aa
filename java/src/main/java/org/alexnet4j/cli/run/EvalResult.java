package org.alexnet4j.cli.run;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Protocol;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.Wilson;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.train.DataFingerprint;

/** What an evaluation found, of what, and how: for people, programs and {@code results.json}. */
final class EvalResult {
  private final StepResult sum;
  private final Wilson top1;
  private final Wilson top5;
  private final double imagesPerSecond;
  private final String views;
  private final String tuning;
  private final Map<String, Object> json = new LinkedHashMap<>();

  /**
   * What was evaluated.
   *
   * @param spec names the data
   * @param set is them, of which tuned shares are measured on a part
   * @param split part of them
   * @param networks what the weights are of; none where predictions were read
   * @param files weights or predictions, in the order of their shares
   * @param shares of them; none: equal ones
   * @param tuning how the shares were found, or null if they were stated
   * @param views windows of each image; 0 where predictions were read
   * @param protocol that was asked for, or null
   */
  record Subject(
      String spec,
      Dataset set,
      String split,
      List<Network.Source> networks,
      List<Path> files,
      List<Float> shares,
      ShareTuning tuning,
      int views,
      Protocol protocol) {
    /** Returns the images that are measured. */
    Dataset measured() {
      return tuning == null ? set : tuning.measured();
    }

    private Number share(int member) {
      return tuning != null
          ? tuning.list().get(member)
          : shares.isEmpty() ? 1f : shares.get(member);
    }
  }

  EvalResult(Subject of, StepResult sum, Duration time) throws IOException {
    this.sum = sum;
    this.top1 = Wilson.of(sum.top1Error(), sum.images());
    this.top5 = Wilson.of(sum.top5Error(), sum.images());
    this.imagesPerSecond = sum.images() * 1e9 / time.toNanos();
    String how = of.views() == 0 ? "as predicted" : of.views() == 1 ? "centre view" : "ten views";
    this.views =
        of.networks().stream()
            .map(network -> network.configuration().training().arithmetic().remark())
            .distinct()
            .collect(Collectors.joining("", how, ""));
    this.tuning = of.tuning() == null ? "" : of.tuning().text() + "\n";
    json.put("images", sum.images());
    json.put("networks", of.files().size());
    json.put("views", of.views() == 0 ? null : of.views());
    if (of.protocol() != null) {
      json.put("protocol", of.protocol().json(of.networks().get(0).configuration().network()));
    }
    if (of.tuning() != null) {
      json.put("tuning", of.tuning().json());
    }
    json.put("loss", sum.loss());
    json.put("top1Error", sum.top1Error());
    json.put("top1Interval", List.of(top1.low(), top1.high()));
    json.put("top1Right", sum.top1Sum());
    json.put("top5Error", sum.top5Error());
    json.put("top5Interval", List.of(top5.low(), top5.high()));
    json.put("top5Right", sum.top5Sum());
    json.put("imagesPerSecond", imagesPerSecond);
    json.put("data", data(of));
    json.put("weights", weights(of));
  }

  private static Map<String, Object> data(Subject of) throws IOException {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", Datasets.absolute(of.spec()));
    data.put("split", of.split());
    data.put("classes", of.set().classes().size());
    data.put("fingerprint", DataFingerprint.of(of.set()));
    data.put("passportSha256", Datasets.passportSha256(of.spec()).orElse(null));
    return data;
  }

  private static List<Object> weights(Subject of) {
    List<Object> weights = new ArrayList<>();
    for (int i = 0; i < of.files().size(); i++) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("file", of.files().get(i).toAbsolutePath().normalize().toString());
      one.put("share", of.share(i));
      if (i < of.networks().size()) {
        Network.Source source = of.networks().get(i);
        String text = ConfigWriter.write(source.configuration());
        one.put("step", source.content().map(content -> content.progress().step()).orElse(null));
        Arithmetic arithmetic = source.configuration().training().arithmetic();
        one.put("precision", arithmetic.precision().toString());
        one.put("algorithm", arithmetic.algorithm().toString());
        one.put(
            "configurationSha256",
            Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString());
      }
      weights.add(one);
    }
    return weights;
  }

  Map<String, Object> json() {
    return json;
  }

  /** Returns the text of {@code results.json}. */
  String file() {
    return JsonLines.toJson(json) + "\n";
  }

  String text() {
    int networks = (Integer) json.get("networks");
    return String.format(
        Locale.ROOT,
        "%s%d images, %s%s: error %s top-1, %s top-5, loss %s (%s images/s)\n"
            + "95 %% intervals of the errors: %s top-1, %s top-5",
        tuning,
        sum.images(),
        networks > 1 ? networks + " networks, " : "",
        views,
        Numbers.percent(sum.top1Error()),
        Numbers.percent(sum.top5Error()),
        Numbers.fixed(sum.loss(), 4),
        Numbers.fixed(imagesPerSecond, 1),
        interval(top1),
        interval(top5));
  }

  private static String interval(Wilson interval) {
    return Numbers.fixed(100 * interval.low(), 2)
        + " to "
        + Numbers.fixed(100 * interval.high(), 2)
        + " %";
  }
}
