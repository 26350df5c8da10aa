package org.alexnet4j.report;

import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.io.Printable;
import org.alexnet4j.text.Columns;

/**
 * A table of text with aligned columns: texts to the left, numbers to the right.
 *
 * <p>A column is one of numbers if every cell below its heading is empty or begins with a digit, a
 * sign or a dot.
 */
public final class TextTable {
  private static final String GAP = "  ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  /** Makes a table without rows. */
  public TextTable(String... headings) {
    this.headings = List.of(headings);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it has another number of cells than there are headings
   */
  public TextTable row(Object... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells in a table of " + headings.size() + " columns");
    }
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(Printable.name(String.valueOf(cell)));
    }
    rows.add(row);
    return this;
  }

  /** Returns heading and rows, each line ended by a line feed and without trailing spaces. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    append(text, headings);
    rows.forEach(row -> append(text, row));
    return text.toString();
  }

  /** Returns the same table in Markdown. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("| ").append(String.join(" | ", headings)).append(" |\n");
    text.append("|---".repeat(headings.size())).append("|\n");
    rows.forEach(row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
    return text.toString();
  }

  private void append(StringBuilder text, List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      String cell = cells.get(column);
      int width = width(column);
      line.append(column == 0 ? "" : GAP)
          .append(isNumeric(column) ? Columns.padStart(cell, width) : Columns.padEnd(cell, width));
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private int width(int column) {
    int width = Columns.of(headings.get(column));
    for (List<String> row : rows) {
      width = Math.max(width, Columns.of(row.get(column)));
    }
    return width;
  }

  private boolean isNumeric(int column) {
    return !rows.isEmpty()
        && rows.stream().map(row -> row.get(column)).allMatch(c -> c.matches("|[-+.0-9].*"));
  }
}
