package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import org.alexnet4j.foreign.file.ProtoText.Field;
import org.alexnet4j.io.FormatException;

/**
 * What a prototxt says of images: {@code transform_param}, in files of 2013 the parameters of their
 * source ({@code data_param}, {@code image_data_param}) too, and the shape of an {@code Input}.
 */
final class CaffeFeedText {
  /** Words that messages with one of these fields bring images to the network by. */
  private static final ImmutableSet<String> MESSAGES =
      ImmutableSet.of(
          "transform_param",
          "data_param",
          "image_data_param",
          "window_data_param",
          "memory_data_param");

  private ImmutableList<Float> means = ImmutableList.of();
  private String meanFile = "";
  private float scale = 1;
  private int side;

  private CaffeFeedText() {}

  /** Reads a layer that feeds a network; what is of its source alone is passed over. */
  static CaffeFeed of(ProtoText layer) throws FormatException {
    CaffeFeedText feed = new CaffeFeedText();
    for (Field part : layer.fields()) {
      if (MESSAGES.contains(part.name())) {
        layer.one(part.name());
        feed.take(part.message());
      }
    }
    for (Field input : layer.one("input_param").stream().toList()) {
      List<Field> shapes = input.message().all("shape");
      if (!shapes.isEmpty()) {
        CaffeFeed seen = ofExtents(shapes.get(0).message().all("dim"));
        return new CaffeFeed(feed.means, feed.meanFile, feed.scale, seen.side(), seen.channels());
      }
    }
    return new CaffeFeed(feed.means, feed.meanFile, feed.scale, feed.side, 0);
  }

  private void take(ProtoText message) throws FormatException {
    ImmutableList.Builder<Float> values = ImmutableList.builder();
    values.addAll(means);
    for (Field field : message.fields()) {
      switch (field.name()) {
        case "mean_value" -> values.add(field.real());
        case "mean_file" -> {
          message.one("mean_file");
          meanFile = field.string();
        }
        case "scale" -> {
          message.one("scale");
          scale = field.real();
        }
        case "crop_size" -> {
          message.one("crop_size");
          side = extent(field);
        }
        case "force_gray" -> {
          if (field.truth()) {
            throw field.refused("is true; allowed: false, as images have three channels here");
          }
        }
        default -> {} // of its source, or of training: mirror
      }
    }
    means = values.build();
    if (!means.isEmpty() && !meanFile.isEmpty()) {
      throw message
          .fields()
          .get(0)
          .refused("stands in a message with mean_value and mean_file; allowed: one of the two");
    }
  }

  private static int extent(Field field) throws FormatException {
    return (int) Math.min(Integer.MAX_VALUE, field.count());
  }

  /** Returns what an input of four extents tells: images, channels, rows, columns. */
  static CaffeFeed ofExtents(List<Field> dims) throws FormatException {
    for (Field dim : dims) {
      dim.count();
    }
    if (dims.size() != 4) {
      return CaffeFeed.NONE;
    }
    if (extent(dims.get(2)) != extent(dims.get(3))) {
      throw dims.get(3)
          .refused(
              "is "
                  + extent(dims.get(3))
                  + ", rows are "
                  + extent(dims.get(2))
                  + "; allowed: as many");
    }
    return new CaffeFeed(ImmutableList.of(), "", 1, extent(dims.get(2)), extent(dims.get(1)));
  }
}
