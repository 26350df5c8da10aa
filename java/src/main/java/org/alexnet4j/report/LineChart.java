package org.alexnet4j.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A picture of curves over a logarithmic axis, as SVG: with a title, axes that have names and
 * numbers, and a mark. The same values give the same text.
 */
public final class LineChart {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 440;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 50;
  private static final int BOTTOM = 60;
  private static final int TICKS = 6;

  /**
   * A curve.
   *
   * @param name in the legend
   * @param colour as SVG names it
   * @param width of the line
   * @param y values, one for each x
   */
  public record Curve(String name, String colour, double width, List<Double> y) {}

  /**
   * A place on the axis that is marked by a line.
   *
   * @param x where
   * @param name what stands at it
   */
  public record Mark(double x, String name) {}

  private final String title;
  private final List<Double> x;
  private final List<Curve> curves;
  private final List<Mark> marks = new ArrayList<>();
  private double low;
  private double high;
  private String xName = "";
  private String yName = "";

  /**
   * Makes a chart.
   *
   * @param x values above 0, rising, two or more
   * @param curves what is drawn, the last one above the others; the vertical axis is that of the
   *     last one, and what lies beyond it is cut
   */
  public LineChart(String title, List<Double> x, List<Curve> curves) {
    if (x.size() < 2 || curves.isEmpty() || x.get(0) <= 0) {
      throw new IllegalArgumentException("a chart needs a curve of two points above 0");
    }
    this.title = title;
    this.x = List.copyOf(x);
    this.curves = List.copyOf(curves);
    List<Double> last = curves.get(curves.size() - 1).y();
    double least = last.stream().mapToDouble(v -> v).min().orElse(0);
    double most = last.stream().mapToDouble(v -> v).max().orElse(1);
    double room = most > least ? 0.1 * (most - least) : 0.5;
    this.low = least - room;
    this.high = most + room;
  }

  /** Names the axes. */
  public LineChart axes(String across, String up) {
    xName = across;
    yName = up;
    return this;
  }

  /** Marks a place. */
  public LineChart mark(Mark mark) {
    marks.add(mark);
    return this;
  }

  /** Returns the picture. */
  public String svg() {
    StringBuilder out = new StringBuilder();
    add(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">",
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT);
    add(out, "<title>%s</title>", escaped(title));
    add(out, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
    text(out, LEFT, 22, "start", title);
    xAxis(out);
    yAxis(out);
    add(
        out,
        "<clipPath id=\"plot\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/></clipPath>",
        LEFT,
        TOP,
        WIDTH - LEFT - RIGHT,
        HEIGHT - TOP - BOTTOM);
    for (int i = 0; i < curves.size(); i++) {
      curve(out, curves.get(i));
      text(out, LEFT + 10 + 190 * i + 24, 42, "start", curves.get(i).name());
      add(
          out,
          "<path d=\"M%d 38h20\" stroke=\"%s\" stroke-width=\"%s\"/>",
          LEFT + 10 + 190 * i,
          curves.get(i).colour(),
          curves.get(i).width());
    }
    for (Mark mark : marks) {
      String at = number(across(mark.x()));
      add(
          out,
          "<path d=\"M%s %dV%d\" stroke=\"#b00020\" stroke-dasharray=\"5 4\"/>",
          at,
          TOP,
          HEIGHT - BOTTOM);
      boolean right = across(mark.x()) > WIDTH / 2.0;
      double beside = across(mark.x()) + (right ? -6 : 6);
      text(out, beside, TOP + 16, right ? "end" : "start", mark.name());
    }
    return out.append("</svg>\n").toString();
  }

  private void curve(StringBuilder out, Curve curve) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < x.size(); i++) {
      points.append(i == 0 ? "M" : "L").append(number(across(x.get(i)))).append(' ');
      points.append(number(up(curve.y().get(i))));
    }
    add(
        out,
        "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" clip-path=\"url(#plot)\"/>",
        points,
        curve.colour(),
        curve.width());
  }

  /** A line and a number for each power of ten, small lines between. */
  private void xAxis(StringBuilder out) {
    frame(out);
    double first = x.get(0);
    double last = x.get(x.size() - 1);
    for (int power = (int) Math.floor(Math.log10(first)); Math.pow(10, power) <= last; power++) {
      for (int digit = 1; digit < 10; digit++) {
        double value = digit * Math.pow(10, power);
        if (value < first * (1 - 1e-9) || value > last * (1 + 1e-9)) {
          continue;
        }
        add(
            out,
            "<path d=\"M%s %dv%d\" stroke=\"%s\"/>",
            number(across(value)),
            HEIGHT - BOTTOM,
            digit == 1 ? 7 : 4,
            "black");
        if (digit == 1) {
          text(out, across(value), HEIGHT - BOTTOM + 22, "middle", "1e" + power);
        }
      }
    }
    text(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", xName);
  }

  private void yAxis(StringBuilder out) {
    double rough = (high - low) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = rough / power < 2 ? 2 * power : rough / power < 5 ? 5 * power : 10 * power;
    int digits = Math.max(0, (int) Math.ceil(-Math.log10(step)));
    for (long tick = (long) Math.ceil(low / step); tick * step <= high; tick++) {
      double y = up(tick * step);
      add(out, "<path d=\"M%d %sH%d\" stroke=\"#dddddd\"/>", LEFT, number(y), WIDTH - RIGHT);
      text(out, LEFT - 8, y + 4, "end", Numbers.fixed(tick * step, digits));
    }
    double middle = (TOP + HEIGHT - BOTTOM) / 2.0;
    add(
        out,
        "<text x=\"18\" y=\"%s\" text-anchor=\"middle\" transform=\"rotate(-90 18 %s)\">%s</text>",
        number(middle),
        number(middle),
        escaped(yName));
  }

  private static void frame(StringBuilder out) {
    add(
        out,
        "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"black\"/>",
        LEFT,
        TOP,
        HEIGHT - BOTTOM,
        WIDTH - RIGHT);
  }

  private double across(double value) {
    double first = Math.log(x.get(0));
    double share = (Math.log(value) - first) / (Math.log(x.get(x.size() - 1)) - first);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  }

  private double up(double value) {
    return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
  }

  private static void text(StringBuilder out, double x, double y, String anchor, String words) {
    add(
        out,
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>",
        number(x),
        number(y),
        anchor,
        escaped(words));
  }

  private static void add(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String number(double value) {
    return Numbers.fixed(value, 1);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
