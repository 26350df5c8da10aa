package org.alexnet4j.data.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.Printable;

/** The files that prepare writes, by name: it deletes these and no others, and follows no links. */
final class PreparedNames {
  private static final Pattern WORK =
      Pattern.compile("lock|request|(train|val)-[0-9]{5}\\.(json|npy)");
  private static final Pattern REPORT = Pattern.compile("(train|val)-[0-9]{5}\\.json");
  private static final Pattern RESULT =
      Pattern.compile(
          "images-[0-9]{5}\\.npy|labels\\.npy|files\\.tsv|classes\\.tsv|mean\\.npy|pca\\.json"
              + "|passport\\.json");
  private static final Pattern TEMPORARY = Pattern.compile("\\.(.+?)(\\.[0-9]+)?\\.tmp");

  private PreparedNames() {}

  /**
   * Refuses a folder in which links or files of others lie where prepare has its own.
   *
   * @param out the folder that gets the images; it need not be there
   * @param work the folder in it that only an unfinished set has
   */
  static void requireOwn(Path out, Path work) throws IOException {
    for (Path folder : List.of(work, out.resolve("train"), out.resolve("val"))) {
      boolean there = Files.exists(folder, LinkOption.NOFOLLOW_LINKS);
      if (there && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw foreign(folder, Files.isSymbolicLink(folder) ? "it is a link" : "it is no folder");
      }
    }
    if (!Files.isDirectory(work)) {
      return;
    }
    try (Stream<Path> files = Files.list(work)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          throw foreign(file, "it is a link or no file");
        }
        if (!isOwn(file, WORK)) {
          throw foreign(file, "prepare has not written it");
        }
      }
    }
  }

  private static DataException foreign(Path file, String reason) {
    return new DataException(
        Printable.path(file), reason, "an empty folder, or one in which prepare was stopped");
  }

  private static boolean isOwn(Path file, Pattern names) {
    String name = file.getFileName().toString();
    var temporary = TEMPORARY.matcher(name);
    return names.matcher(temporary.matches() ? temporary.group(1) : name).matches();
  }

  /** Returns whether any file of images is finished: its report is written last. */
  static boolean hasReport(Path work) throws IOException {
    if (!Files.isDirectory(work)) {
      return false;
    }
    try (Stream<Path> files = Files.list(work)) {
      return files.anyMatch(file -> REPORT.matcher(file.getFileName().toString()).matches());
    }
  }

  /** Returns the files in a folder that were not finished. */
  static List<Path> temporary(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> TEMPORARY.matcher(file.getFileName().toString()).matches())
          .filter(file -> isOwn(file, RESULT) || isOwn(file, WORK))
          .toList();
    }
  }
}
