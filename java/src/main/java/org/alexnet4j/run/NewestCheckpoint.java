package org.alexnet4j.run;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.google.common.collect.Lists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Reason;
import org.alexnet4j.io.RegularFile;

/**
 * The newest checkpoint of a run that can be used, whatever has become of those above it.
 *
 * @param file the checkpoint
 * @param content what it says beside its tensors
 * @param unusable the newer ones, newest first
 */
public record NewestCheckpoint(Path file, Checkpoint.Content content, List<Path> unusable) {
  /** A run that removes old checkpoints faster than this has none that can be read. */
  private static final int MOST_LOOKS = 20;

  /** Says whether a checkpoint fits. */
  public interface Fit {
    /**
     * Looks at a checkpoint that is whole.
     *
     * @param file the checkpoint
     * @param content what it says
     * @throws IOException if it does not fit; the text says why
     */
    void require(Path file, Checkpoint.Content content) throws IOException;
  }

  /**
   * Looks for it, from the newest one on; once more if one goes meanwhile, as a run that is going
   * on removes older ones.
   *
   * @param folder of a run
   * @param fit what it must be beside whole
   * @param notes hears why newer ones are not used, if an older one is
   * @return nothing if the folder has no checkpoint at all
   * @throws IOException why the newest one cannot be used, if none can
   */
  public static Optional<NewestCheckpoint> find(RunFolder folder, Fit fit, Consumer<String> notes)
      throws IOException {
    for (int look = 1; ; look++) {
      Search search = new Search();
      Optional<NewestCheckpoint> found = search.run(folder, fit, notes);
      if (found.isPresent() || search.first == null) {
        return found;
      }
      if (!search.gone || look == MOST_LOOKS) {
        throw search.first;
      }
    }
  }

  /** One look at all checkpoints that are there. */
  private static final class Search {
    private final List<Path> unusable = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private IOException first;
    private boolean gone; // the run itself has removed one meanwhile, so there is a newer one

    Optional<NewestCheckpoint> run(RunFolder folder, Fit fit, Consumer<String> notes)
        throws IOException {
      for (Path file : Lists.reverse(folder.checkpoints())) {
        try {
          Optional<String> obstacle = RegularFile.obstacle(file);
          if (obstacle.isPresent()) {
            throw new FormatException(
                file, "the name", "is " + obstacle.get() + "; allowed: a file");
          }
          Checkpoint.Content content = Checkpoint.readContent(file);
          fit.require(file, content);
          reasons.forEach(notes);
          if (!reasons.isEmpty()) {
            notes.accept("going on from the checkpoint before it, " + file);
          }
          return Optional.of(new NewestCheckpoint(file, content, List.copyOf(unusable)));
        } catch (IOException e) {
          first = first == null ? e : first;
          if (Files.notExists(file, NOFOLLOW_LINKS)) {
            gone = true;
            return Optional.empty();
          }
          unusable.add(file);
          reasons.add("not used: " + Reason.withFile(e));
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Looks for one that has every byte in its place, and numbers only.
   *
   * @param folder of a run
   * @param notes hears why newer ones are passed over
   * @return the newest, if there is one
   * @throws IOException if the folder cannot be read
   */
  public static Optional<NewestCheckpoint> find(RunFolder folder, Consumer<String> notes)
      throws IOException {
    return find(folder, (file, content) -> Checkpoint.requireFinite(file), notes);
  }

  /**
   * {@return the newest checkpoint of a run that is whole, or the file that a path names}
   *
   * @param runOrFile a run folder or a file
   * @param notes hears why newer ones are not used, if an older one is
   * @throws IOException if a run folder has none, or there is no such path
   */
  public static Path file(Path runOrFile, Consumer<String> notes) throws IOException {
    if (!Files.isDirectory(runOrFile)) {
      return runOrFile;
    }
    return find(new RunFolder(runOrFile), notes)
        .orElseThrow(() -> new FormatException(runOrFile, "run folder", "has no checkpoint"))
        .file();
  }
}
