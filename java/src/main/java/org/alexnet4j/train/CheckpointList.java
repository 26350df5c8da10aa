package org.alexnet4j.train;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.RegularFile;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;

/**
 * The checkpoints of a run folder and why each is kept. {@code checkpoints/list.json} tells it to
 * people and programs; nothing here reads it, because the files themselves say all of it.
 */
final class CheckpointList {
  private final RunFolder folder;
  private final CheckpointPolicy policy;
  private final int stepsPerEpoch;
  private final List<Entry> entries = new ArrayList<>();

  private record Entry(Path file, Progress progress, OptionalDouble heldOutError) {}

  /** Makes the list of the checkpoints that a folder has; unreadable ones are left alone. */
  CheckpointList(RunFolder folder, CheckpointPolicy policy, int stepsPerEpoch) throws IOException {
    this.folder = folder;
    this.policy = policy;
    this.stepsPerEpoch = stepsPerEpoch;
    for (Path file : folder.checkpoints()) {
      try {
        if (RegularFile.obstacle(file).isEmpty()) {
          Checkpoint.Content content = Checkpoint.readHeader(file);
          entries.add(new Entry(file, content.progress(), content.heldOutError()));
        }
      } catch (IOException e) {
        // Older than the one that the run goes on from, and none of ours: the person's to remove.
      }
    }
  }

  /** Returns the lowest held-out error of all entries; infinite if none has one. */
  double lowestError() {
    return entries.stream()
        .flatMapToDouble(entry -> entry.heldOutError.stream())
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /** Takes in a file that was written, removes those that need not stay, and writes the list. */
  void add(Path file, Checkpoint.Content content) throws IOException {
    entries.removeIf(entry -> entry.file.equals(file));
    entries.add(new Entry(file, content.progress(), content.heldOutError()));
    List<Set<String>> reasons = reasons();
    JsonArray list = new JsonArray();
    List<Path> removed = new ArrayList<>();
    for (int i = 0; i < reasons.size(); i++) {
      if (reasons.get(i).isEmpty()) {
        removed.add(entries.get(i).file);
      } else {
        list.add(describe(entries.get(i), reasons.get(i)));
      }
    }
    // First the list, then the removals: no moment has a list with a file that is gone for good.
    String text = new GsonBuilder().setPrettyPrinting().create().toJson(list);
    AtomicFile.writeText(folder.list(), text + "\n");
    for (Path old : removed) {
      Files.deleteIfExists(old);
      entries.removeIf(entry -> entry.file.equals(old));
    }
  }

  private List<Set<String>> reasons() {
    List<Set<String>> reasons = new ArrayList<>();
    long newer = entries.stream().filter(entry -> !halfway(entry)).count();
    int best = -1;
    Set<Integer> periods = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      Set<String> why = new HashSet<>();
      Entry entry = entries.get(i);
      if (halfway(entry)) {
        if (i == entries.size() - 1) {
          why.addAll(Set.of("halfway", "newest"));
        }
      } else {
        if (newer-- <= policy.keepLast()) {
          why.add("newest");
        }
        int every = policy.keepEveryEpochs();
        int epoch = entry.progress.epoch();
        if (every > 0 && epoch > 0 && periods.add(epoch / every) && epoch >= every) {
          why.add("every " + every + " epochs");
        }
      }
      if (isBetter(entry, best < 0 ? null : entries.get(best))) {
        best = i;
      }
      reasons.add(why);
    }
    if (policy.keepBest() && best >= 0) {
      reasons.get(best).add("best");
    }
    return reasons;
  }

  /** Returns whether a checkpoint stays only until the next one is there. */
  private boolean halfway(Entry entry) {
    return policy.halfway(entry.progress, stepsPerEpoch);
  }

  private static boolean isBetter(Entry entry, Entry than) {
    return entry.heldOutError.isPresent()
        && (than == null || entry.heldOutError.getAsDouble() < than.heldOutError.getAsDouble());
  }

  private static JsonObject describe(Entry entry, Set<String> reasons) {
    JsonObject json = new JsonObject();
    json.addProperty("file", entry.file.getFileName().toString());
    json.addProperty("step", entry.progress.step());
    json.addProperty("epoch", entry.progress.epoch());
    entry.heldOutError.ifPresent(error -> json.addProperty("heldOutTop1Error", error));
    JsonArray why = new JsonArray();
    reasons.stream().sorted().forEach(why::add);
    json.add("kept", why);
    return json;
  }
}
