package org.alexnet4j.data.packed;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.alexnet4j.data.image.OddFiles;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.io.AtomicFile;

/**
 * What a prepared folder says about itself: {@code passport.json}. It is written last, so a folder
 * with a passport is whole; it holds no date, no path and no machine, so the same images give the
 * same bytes.
 *
 * @param format {@link #FORMAT}
 * @param version of the format
 * @param side of the images in pixels
 * @param resize how they got it
 * @param exif "ignored" or "honoured"
 * @param decoder what turned files into pixels
 * @param kind what the source was recognised as
 * @param listing SHA-256 of the names, labels and parts of all images of the source
 * @param classes number of classes
 * @param ilsvrcLabels whether labels count among all classes of ILSVRC-2012
 * @param left images of the source whose class has no training image, left out
 * @param parts "train" and "val"
 * @param files SHA-256 of the other files, by name
 * @param notes what was left out of the source, how it was understood, what was enlarged
 */
public record Passport(
    String format,
    int version,
    int side,
    String resize,
    String exif,
    String decoder,
    String kind,
    String listing,
    int classes,
    boolean ilsvrcLabels,
    int left,
    Map<String, Part> parts,
    TreeMap<String, String> files,
    List<FileNote> notes) {
  /** What {@code format} is. */
  public static final String FORMAT = "alexnet4j-packed";

  /** What {@code version} is. */
  public static final int VERSION = 1;

  static final String NAME = "passport.json";

  /** The folder in which a preparation works until the passport is written. */
  public static final String WORK = ".prepare";

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /** Takes a passport without notes, as they were once written, for one that has none. */
  public Passport {
    notes = notes == null ? List.of() : notes.stream().filter(Objects::nonNull).toList();
  }

  /**
   * One part of the set.
   *
   * @param images number of images
   * @param perClass images of each class, by label
   * @param shards files of pixels, in order
   * @param kinds how many files of which sort there were
   * @param odd files that were taken, but are unusual
   * @param skipped files that were left out as damaged
   */
  public record Part(
      int images,
      int[] perClass,
      List<Shard> shards,
      TreeMap<String, Integer> kinds,
      List<Odd> odd,
      List<Odd> skipped) {}

  /** A file of pixels: name, images, SHA-256. */
  public record Shard(String file, int images, String sha256) {}

  /** A file of the source and what is odd about it. */
  public record Odd(String name, String reason) {
    private static boolean isWhole(Odd file) {
      return file != null && file.name != null && file.reason != null;
    }
  }

  /** Says whether a folder is a prepared one. */
  public static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(NAME));
  }

  /** Returns the hash of a folder's passport, which has those of all its other files. */
  public static String sha256(Path folder) throws IOException {
    return Hashes.ofFile(folder.resolve(NAME));
  }

  /**
   * Reads and checks the passport of a folder.
   *
   * @throws DataException if it is damaged, or the folder has none
   * @throws IOException if it cannot be read
   */
  public static Passport read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      throw new DataException(
          folder.toString(), "has no " + NAME, "a folder that alexnet prepare wrote to the end");
    }
    Passport passport;
    try {
      passport = GSON.fromJson(Files.readString(file), Passport.class);
    } catch (JsonParseException | CharacterCodingException e) {
      throw damaged(file, "is not the JSON of a passport");
    }
    if (passport == null || !FORMAT.equals(passport.format)) {
      throw damaged(file, "is not the passport of prepared images");
    }
    if (passport.version != VERSION) {
      throw damaged(file, "has version " + passport.version + ", known is " + VERSION);
    }
    if (passport.side < 1 || passport.side > 4096 || passport.classes < 1) {
      throw damaged(file, "has impossible sizes");
    }
    if (passport.parts == null || !passport.parts.keySet().equals(Set.of("train", "val"))) {
      throw damaged(file, "has no parts train and val");
    }
    for (Part part : passport.parts.values()) {
      if (part == null
          || part.shards == null
          || part.perClass == null
          || part.odd == null
          || part.skipped == null
          || part.kinds == null) {
        throw damaged(file, "has an empty part");
      }
      if (!Stream.concat(part.odd.stream(), part.skipped.stream()).allMatch(Odd::isWhole)) {
        throw damaged(file, "has an odd or skipped file without name or reason");
      }
      long images = 0;
      for (Shard shard : part.shards) {
        if (shard == null
            || shard.images < 0
            || shard.file == null
            || !shard.file.matches("(train|val)/images-[0-9]{5}\\.npy")) {
          throw damaged(file, "has an impossible shard");
        }
        images += shard.images;
      }
      if (images != part.images) {
        throw damaged(file, "counts " + part.images + " images, its shards " + images);
      }
    }
    return passport;
  }

  /** Returns the notes, and those about odd and damaged files in short. */
  public List<FileNote> summary() {
    FileNote.Builder files = new FileNote.Builder();
    for (Part part : parts.values()) {
      part.odd.forEach(file -> files.add(OddFiles.odd(file.reason), file.name));
      part.skipped.forEach(file -> files.add("damaged images are left out", file.name));
    }
    List<FileNote> all = new ArrayList<>(notes);
    all.addAll(files.build());
    return all;
  }

  private static DataException damaged(Path file, String reason) {
    return new DataException(file.toString(), reason, "what alexnet prepare wrote");
  }

  /** Writes it into a prepared folder, as the last file of it. */
  public void write(Path folder) throws IOException {
    AtomicFile.writeText(folder.resolve(NAME), GSON.toJson(this) + "\n");
  }
}
