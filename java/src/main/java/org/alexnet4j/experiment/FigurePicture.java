package org.alexnet4j.experiment;

import com.google.common.html.HtmlEscapers;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Locale;

/** The paper's figure 4 in a page: pictures with bars, and rows of pictures alike. */
final class FigurePicture {
  private final StringBuilder html = new StringBuilder();

  private FigurePicture() {}

  /**
   * Draws the figure of a run.
   *
   * @param run its folder, for the heading
   * @param figure as {@code eval.Figure4} found it
   */
  static String of(String run, JsonObject figure) {
    FigurePicture picture = new FigurePicture();
    picture.draw(run, figure);
    return picture.html.toString();
  }

  private void draw(String run, JsonObject figure) {
    html.append("<h2>Figure 4 of " + escaped(run) + "</h2>\n<div class=\"guesses\">\n");
    for (JsonElement element : figure.getAsJsonArray("examples")) {
      example(element.getAsJsonObject());
    }
    html.append("</div>\n<p class=\"scale\">Held-out images, their class, and the five that the")
        .append(
            " network finds most probable; its own in orange. Below: held-out images at the left,")
        .append(
            " and of " + figure.get("trainImages").getAsLong() + " training images the six whose")
        .append(" features in " + escaped(text(figure, "layer")) + " are nearest, by Euclidean")
        .append(" distance; framed if of the same class.</p>\n<div class=\"alike\">\n");
    for (JsonElement element : figure.getAsJsonArray("neighbours")) {
      neighbours(element.getAsJsonObject());
    }
    html.append("</div>\n");
  }

  private void example(JsonObject example) {
    JsonObject image = example.getAsJsonObject("image");
    html.append("<figure>").append(picture(image, "", ""));
    html.append("<figcaption>" + escaped(text(image, "label")) + "</figcaption>");
    for (JsonElement element : example.getAsJsonArray("guesses")) {
      JsonObject guess = element.getAsJsonObject();
      boolean right = guess.get("right").getAsBoolean();
      html.append(
          String.format(
              Locale.ROOT,
              "<div class=\"bar%s\" style=\"--p:%.4f\" title=\"%s %.1f %%\"><span>%s</span></div>",
              right ? " right" : "",
              probability(guess),
              escaped(text(guess, "name")),
              100 * probability(guess),
              escaped(text(guess, "name"))));
    }
    html.append("</figure>\n");
  }

  private static double probability(JsonObject guess) {
    double value = guess.get("probability").getAsDouble(); // NaN of a network that is none
    return Double.isFinite(value) ? value : 0;
  }

  private void neighbours(JsonObject neighbours) {
    html.append("<div class=\"row\">").append(picture(neighbours.getAsJsonObject("image"), "", ""));
    html.append("<span class=\"gap\"></span>");
    for (JsonElement element : neighbours.getAsJsonArray("nearest")) {
      JsonObject near = element.getAsJsonObject();
      String distance =
          String.format(Locale.ROOT, ", distance %.3f", near.get("distance").getAsDouble());
      boolean same = near.get("sameClass").getAsBoolean();
      html.append(picture(near.getAsJsonObject("image"), same ? "same" : "", distance));
    }
    html.append("</div>\n");
  }

  private static String picture(JsonObject image, String kind, String more) {
    String says = text(image, "label") + more;
    return "<img class=\""
        + kind
        + "\" src=\""
        + escaped(text(image, "picture"))
        + "\" alt=\""
        + escaped(says)
        + "\" title=\""
        + escaped(says + ": " + text(image, "name"))
        + "\">";
  }

  private static String text(JsonObject json, String key) {
    return json.get(key).getAsString();
  }

  private static String escaped(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }
}
