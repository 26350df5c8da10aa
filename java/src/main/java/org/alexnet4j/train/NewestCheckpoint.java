package org.alexnet4j.train;

import com.google.common.collect.Lists;
import java.io.IOException;
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

  /** Says whether a checkpoint fits. */
  public interface Fit {
    /**
     * Looks at a checkpoint that is whole.
     *
     * @throws IOException if it does not fit; the text says why
     */
    void require(Path file, Checkpoint.Content content) throws IOException;
  }

  /**
   * Looks for it, from the newest one on.
   *
   * @param fit what it must be beside whole
   * @param notes hears why newer ones are not used, if an older one is
   * @return nothing if the folder has no checkpoint at all
   * @throws IOException why the newest one cannot be used, if none can
   */
  public static Optional<NewestCheckpoint> find(RunFolder folder, Fit fit, Consumer<String> notes)
      throws IOException {
    List<Path> unusable = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    IOException first = null;
    for (Path file : Lists.reverse(folder.checkpoints())) {
      try {
        Optional<String> obstacle = RegularFile.obstacle(file);
        if (obstacle.isPresent()) {
          throw new FormatException(file, "the name", "is " + obstacle.get() + "; allowed: a file");
        }
        Checkpoint.Content content = Checkpoint.readContent(file);
        fit.require(file, content);
        reasons.forEach(notes);
        if (!reasons.isEmpty()) {
          notes.accept("going on from the checkpoint before it, " + file);
        }
        return Optional.of(new NewestCheckpoint(file, content, List.copyOf(unusable)));
      } catch (IOException e) {
        unusable.add(file);
        reasons.add("not used: " + Reason.withFile(e));
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
    return Optional.empty();
  }

  /** Looks for one that has every byte in its place, and numbers only. */
  public static Optional<NewestCheckpoint> find(RunFolder folder, Consumer<String> notes)
      throws IOException {
    return find(folder, (file, content) -> Checkpoint.requireFinite(file), notes);
  }
}
