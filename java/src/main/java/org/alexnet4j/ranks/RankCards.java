package org.alexnet4j.ranks;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alexnet4j.device.Devices;
import org.alexnet4j.text.Host;

/** Sees to it that all ranks would compute the same, before the first step. */
public final class RankCards {
  private static final String HOST = "host";

  private RankCards() {}

  /**
   * Compares what all ranks have: build, native library, and more.
   *
   * @param more what else has to be the same, by its name in the plural
   * @return a line for a person: which ranks are on which host
   * @throws IllegalArgumentException on every rank, if one differs from rank 0; the text says
   *     which, where and in what
   */
  public static String require(Ranks ranks, Map<String, String> more) throws IOException {
    JsonObject own = new JsonObject();
    own.addProperty(HOST, Host.name());
    own.addProperty("classes", classes());
    own.addProperty("features of the native library", Devices.buildInfo());
    more.forEach(own::addProperty);
    ImmutableList<String> all = RankTexts.gather(ranks, Ranks.CONTROL, own.toString());
    List<Map<String, String>> cards = all.stream().map(RankCards::fields).toList();
    compare(cards);
    return describe(ranks, cards);
  }

  private static Map<String, String> fields(String card) {
    ImmutableMap.Builder<String, String> fields = ImmutableMap.builder();
    JsonParser.parseString(card)
        .getAsJsonObject()
        .entrySet()
        .forEach(e -> fields.put(e.getKey(), e.getValue().getAsString()));
    return fields.buildOrThrow();
  }

  /** Compares all cards with the first one. */
  static void compare(List<Map<String, String>> cards) {
    Map<String, String> first = cards.get(0);
    for (int rank = 1; rank < cards.size(); rank++) {
      for (Map.Entry<String, String> field : cards.get(rank).entrySet()) {
        String expected = first.get(field.getKey());
        if (!field.getKey().equals(HOST) && !field.getValue().equals(expected)) {
          throw new IllegalArgumentException(
              "rank "
                  + rank
                  + " on "
                  + cards.get(rank).get(HOST)
                  + " has other "
                  + field.getKey()
                  + " than rank 0 on "
                  + first.get(HOST)
                  + " ("
                  + shortened(field.getValue())
                  + ", not "
                  + shortened(expected)
                  + "); all ranks need the same build and data");
        }
      }
    }
  }

  private static String shortened(String value) {
    return value.length() > 80 ? value.substring(0, 80) + "..." : value;
  }

  private static String describe(Ranks ranks, List<Map<String, String>> cards) {
    StringBuilder text = new StringBuilder();
    for (int rank = 0; rank < cards.size(); rank++) {
      text.append(rank == 0 ? "" : ", ")
          .append(rank)
          .append(" on ")
          .append(cards.get(rank).get(HOST));
    }
    return "ranks " + text + "; " + ranks.engine() + " moves bytes between them";
  }

  /** Returns a hash of the classes that run here. */
  private static String classes() throws IOException {
    Path from;
    try {
      from = Path.of(RankCards.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    Hasher hasher = Hashing.sha256().newHasher();
    if (Files.isRegularFile(from)) {
      hasher.putBytes(Files.readAllBytes(from));
    } else {
      try (Stream<Path> files = Files.walk(from)) {
        files
            .filter(f -> f.getFileName().toString().endsWith(".class"))
            .sorted()
            .forEach(f -> hasher.putBytes(bytes(f)));
      }
    }
    return hasher.hash().toString();
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
