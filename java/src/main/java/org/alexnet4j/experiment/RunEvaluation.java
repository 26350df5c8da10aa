package org.alexnet4j.experiment;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.JsonRecord;
import org.alexnet4j.io.RegularFile;
import org.alexnet4j.run.RunFolder;

/**
 * What is kept of a look at a run's held-out images once it has ended: {@code
 * evaluations/KIND.json} in its folder, and for errors {@code KIND.npy} with the probabilities. The
 * JSON file is written last and says of which weights and images it is, so that it stands for the
 * whole.
 *
 * @param run folder of the run
 * @param kind what was done
 */
public record RunEvaluation(Path run, Kind kind) {
  private static final int MOST_BYTES = 64 << 20;
  private static final String OF = "of";
  private static final String RESULT = "result";

  /** What is done with the images. */
  public enum Kind {
    /** Errors through the centre view. */
    CENTRE("centre"),
    /** Errors through ten views. */
    TEN("ten"),
    /** The pictures of figure 4. */
    FIGURE_4("figure-4");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** Returns its name in files. */
    public String word() {
      return word;
    }

    /** Returns which views errors are measured through. */
    public static Kind views(boolean ten) {
      return ten ? TEN : CENTRE;
    }
  }

  /**
   * Errors of the held-out images.
   *
   * @param images how many there are
   * @param top1 share of them whose first guess is wrong
   * @param top5 the same of the first five
   * @param loss mean log-loss, nats
   */
  public record Errors(long images, double top1, double top5, double loss) {}

  /** Returns the file that says what was found. */
  public Path file() {
    return new RunFolder(run).evaluations().resolve(kind.word() + ".json");
  }

  /** Returns the file of the probabilities. */
  public Path predictions() {
    return new RunFolder(run).evaluations().resolve(kind.word() + ".npy");
  }

  /**
   * Returns whether it is there, whole, and of these weights and images.
   *
   * @throws FormatException if it is damaged
   */
  public boolean isOf(Map<String, Object> weightsAndImages) throws IOException {
    boolean there =
        Files.isRegularFile(file())
            && (kind == Kind.FIGURE_4 || Files.isRegularFile(predictions()));
    return there && JsonLines.toJson(weightsAndImages).equals(JsonLines.toJson(read().get(OF)));
  }

  private JsonObject read() throws IOException {
    try {
      JsonElement root = JsonParser.parseString(RegularFile.readText(file(), MOST_BYTES));
      if (root instanceof JsonObject all
          && all.get(OF) instanceof JsonObject
          && all.get(RESULT) instanceof JsonObject) {
        return all;
      }
    } catch (JsonParseException e) {
      throw new FormatException(file(), "content", "is no JSON");
    }
    throw new FormatException(file(), "content", "is no evaluation of a run");
  }

  /** Keeps what was found; probabilities are there already. */
  public void keep(Map<String, Object> weightsAndImages, Object result) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(OF, weightsAndImages);
    all.put(RESULT, result);
    AtomicFile.writeText(file(), JsonLines.toJson(all) + "\n");
  }

  /** Returns what was found. */
  public JsonObject result() throws IOException {
    return read().getAsJsonObject(RESULT);
  }

  /** Returns the errors that were found. */
  public Errors errors() throws IOException {
    JsonRecord result = new JsonRecord(file(), RESULT, result());
    return new Errors(
        result.whole("images", 1, Long.MAX_VALUE),
        result.number("top1"),
        result.number("top5"),
        result.number("loss"));
  }
}
