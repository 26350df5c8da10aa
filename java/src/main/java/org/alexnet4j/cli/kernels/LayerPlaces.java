package org.alexnet4j.cli.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;

/**
 * Where an elementwise layer is known outside of its kernels: what tanh has in each place, a new
 * one gets under its own name, right behind it.
 */
final class LayerPlaces {
  /** Layers with tanh's signature, whose kernels may be a new one's model. */
  static final List<String> MODELS = List.of("relu", "tanh");

  private static final FamilyName TANH = new FamilyName("tanh");
  private static final String JAVA = "java/src/main/java/org/alexnet4j/";
  private static final String OPERATIONS = "native/runtime/ops_tanh.cpp";

  /** What is repeated of a file. */
  private enum Unit {
    /** Lines between empty ones: a method, a record, a group of declarations. */
    PARAGRAPH,
    /** An import or an include, in its place among them. */
    IMPORT,
    /** Neighbouring lines that name it: a constant, an entry of a map. */
    LINES,
    /** A row of a list, from {@code {"alexnet_tanh_…"} to the next row. */
    ROW
  }

  private record Place(String file, List<Unit> units) {}

  private static final List<Place> PLACES =
      List.of(
          paragraphs("native/include/alexnet.h"),
          new Place("native/check/operation_rows.cpp", List.of(Unit.IMPORT, Unit.ROW)),
          new Place("native/check/driver_operations.cpp", List.of(Unit.ROW)),
          paragraphs(JAVA + "bindings/AlexnetAbi.java"),
          paragraphs(JAVA + "engine/Engine.java"),
          paragraphs(JAVA + "engine/KernelEngine.java"),
          paragraphs(JAVA + "net/LayerSpec.java"),
          paragraphs(JAVA + "net/LayerVisitor.java"),
          paragraphs(JAVA + "plan/Operation.java"),
          paragraphs(JAVA + "plan/OperationVisitor.java"),
          paragraphs(JAVA + "plan/BuffersOf.java"),
          paragraphs(JAVA + "plan/cost/WorkOf.java"),
          new Place(JAVA + "plan/Neuron.java", List.of(Unit.LINES)),
          new Place(JAVA + "plan/Planner.java", List.of(Unit.IMPORT, Unit.PARAGRAPH)),
          paragraphs(JAVA + "tower/Binder.java"),
          paragraphs(JAVA + "config/ConfigWriter.java"),
          paragraphs(JAVA + "eval/ReceptiveField.java"),
          new Place(JAVA + "config/LayerReader.java", List.of(Unit.LINES)));

  private final Path home;

  LayerPlaces(Path home) {
    this.home = home;
  }

  private static Place paragraphs(String file) {
    return new Place(file, List.of(Unit.PARAGRAPH));
  }

  /**
   * Returns the texts of all places with the family in them, and of the new file with its bodies of
   * the C ABI.
   *
   * @throws CommandException if a place is missing or knows the name already
   */
  Map<Path, String> with(FamilyName family) throws IOException {
    Map<Path, String> files = new LinkedHashMap<>();
    files.put(
        home.resolve(OPERATIONS.replace("tanh", family.snake())),
        TANH.renamed(read(OPERATIONS, family), family, false));
    for (Place place : PLACES) {
      boolean java = place.file().endsWith(".java");
      List<String> lines = new ArrayList<>(Arrays.asList(read(place.file(), family).split("\n")));
      for (Unit unit : place.units()) {
        repeat(lines, unit, family, java);
      }
      files.put(home.resolve(place.file()), String.join("\n", lines) + "\n");
    }
    return files;
  }

  private String read(String file, FamilyName family) throws IOException {
    Path path = home.resolve(file);
    if (!Files.exists(path)) {
      throw new CommandException(
          ExitCode.USAGE, path + " is missing; start ./alexnet in a source tree");
    }
    String text = Files.readString(path);
    if (family.isIn(text)) {
      throw new CommandException(
          ExitCode.USAGE, path + " knows " + family.snake() + " already; take another name");
    }
    return text;
  }

  /** Repeats what the lines have of tanh, from the last to the first. */
  private static void repeat(List<String> lines, Unit unit, FamilyName family, boolean java) {
    for (int i = lines.size() - 1; i >= 0; i--) {
      boolean isImport = lines.get(i).startsWith("import ") || lines.get(i).startsWith("#include ");
      if (!TANH.isIn(lines.get(i)) || isImport != (unit == Unit.IMPORT)) {
        continue;
      }
      int first = i;
      switch (unit) {
        case IMPORT -> insertSorted(lines, i, TANH.renamed(lines.get(i), family, java));
        case LINES -> {
          while (TANH.isIn(lines.get(first - 1))) {
            first--;
          }
          insert(lines, first, i, false, family, java);
        }
        case PARAGRAPH -> {
          first = beginOfParagraphs(lines, i);
          insert(lines, first, endOfParagraph(lines, i), true, family, java);
        }
        case ROW -> {
          while (!isRow(lines.get(first))) {
            first--;
          }
          int last = i;
          while (!isRow(lines.get(last + 1))) {
            last++;
          }
          insert(lines, first, last, false, family, java);
        }
      }
      i = first;
    }
  }

  private static boolean isRow(String line) {
    return line.startsWith("      {\"alexnet_");
  }

  /** Repeats the lines from first to last behind them, after an empty line if wished. */
  private static void insert(
      List<String> lines, int first, int last, boolean apart, FamilyName family, boolean java) {
    List<String> own = new ArrayList<>();
    if (apart) {
      own.add("");
    }
    for (String line : lines.subList(first, last + 1)) {
      own.add(TANH.renamed(line, family, java));
    }
    lines.addAll(last + 1, own);
  }

  private static void insertSorted(List<String> lines, int at, String line) {
    int first = at;
    while (!lines.get(first - 1).isEmpty()) {
      first--;
    }
    List<String> block = lines.subList(first, endOfParagraph(lines, at) + 1);
    block.add(line);
    block.sort(Comparator.comparing(text -> text.replace(";", ""))); // as the formatter does
  }

  /**
   * Returns the first line of the paragraph of {@code line} and of those before it that name tanh.
   */
  private static int beginOfParagraphs(List<String> lines, int line) {
    int first = line;
    int above = line;
    while (above >= 0 && TANH.isIn(lines.get(above))) {
      first = above;
      while (!lines.get(first - 1).isEmpty()) {
        first--;
      }
      above = first - 2;
      while (above >= 0 && !TANH.isIn(lines.get(above)) && !lines.get(above).isEmpty()) {
        above--;
      }
    }
    return first;
  }

  private static int endOfParagraph(List<String> lines, int line) {
    int last = line;
    while (last + 1 < lines.size() && !lines.get(last + 1).isEmpty()) {
      last++;
    }
    return last;
  }
}
