package org.alexnet4j.data.prepare;

import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alexnet4j.data.ColourComponents;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.PackedStatistics;
import org.alexnet4j.data.PixelSums;
import org.alexnet4j.data.folder.FolderLayout;
import org.alexnet4j.data.image.OddFiles;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.data.packed.Hashes;
import org.alexnet4j.data.packed.PackedClass;
import org.alexnet4j.data.packed.PackedNames;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.data.packed.TsvText;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Npy;
import org.alexnet4j.io.NpyWriter;

/** Writes everything beside the pixels of a prepared set, once all of them are packed. */
final class PackedWriter {
  static final String RESIZE =
      "centre square, brought to the side by the mean over the area of each pixel; bilinear where"
          + " it is smaller";

  private final PrepareSource source;
  private final PrepareOptions options;
  private final Path out;
  private final Path work;
  private final List<ShardTask> tasks;
  private final PixelSums sums;
  private final TreeMap<String, String> hashes = new TreeMap<>();
  private final FileNote.Builder enlarged = new FileNote.Builder();
  private final DuplicateImages duplicates = new DuplicateImages();

  PackedWriter(
      PrepareSource source, PrepareOptions options, Path out, Path work, List<ShardTask> tasks) {
    this.source = source;
    this.options = options;
    this.out = out;
    this.work = work;
    this.tasks = tasks;
    this.sums = new PixelSums(options.side());
  }

  static String decoder() {
    return Datasets.decoder();
  }

  Passport write(String listing) throws IOException {
    Map<String, Passport.Part> parts = new LinkedHashMap<>();
    parts.put("train", part("train"));
    parts.put("val", part("val"));
    if (parts.get("train").images() == 0) {
      throw new DataException(source.files().root(), "no whole image to train on", "some");
    }
    for (Map.Entry<String, Passport.Part> part : parts.entrySet()) {
      requireWhole(part.getKey(), part.getValue());
    }
    writeClasses();
    int side = options.side();
    NpyWriter.writeFloats(
        out.resolve(PackedStatistics.MEAN), sums.mean().perPixel(), side, side, 3);
    writeComponents();
    for (String name :
        List.of(PackedClass.FILE, PackedStatistics.MEAN, PackedStatistics.COMPONENTS)) {
      hashes.put(name, Hashes.ofFile(out.resolve(name)));
    }
    Passport passport =
        new Passport(
            Passport.FORMAT,
            Passport.VERSION,
            side,
            RESIZE,
            options.upright() ? "honoured" : "ignored",
            decoder(),
            source.kind(),
            listing,
            source.ids().size(),
            options.canonical(),
            source.left(),
            parts,
            hashes,
            notes(parts));
    passport.write(out);
    return passport;
  }

  /** Puts the reports of a part together: labels.npy, files.tsv, and its entry in the passport. */
  private Passport.Part part(String name) throws IOException {
    List<Passport.Shard> shards = new ArrayList<>();
    List<Passport.Odd> odd = new ArrayList<>();
    List<Passport.Odd> skipped = new ArrayList<>();
    TreeMap<String, Integer> kinds = new TreeMap<>();
    int[] perClass = new int[source.ids().size()];
    List<int[]> labels = new ArrayList<>();
    Path list = out.resolve(name).resolve("files.tsv");
    List<long[]> hashesOfImages = new ArrayList<>();
    int images = 0;
    try (AtomicFile file = AtomicFile.create(list)) {
      for (ShardTask task : tasks) {
        if (!task.file().startsWith(name + "/")) {
          continue;
        }
        ShardReport report = ShardReport.read(task.report(work));
        if (report == null) {
          throw new FormatException(task.report(work), "report", "it has gone");
        }
        shards.add(report.shard());
        odd.addAll(report.odd());
        skipped.addAll(report.skipped());
        report.kinds().forEach((kind, count) -> kinds.merge(kind, count, Integer::sum));
        labels.add(report.rows().stream().mapToInt(ShardReport.Row::label).toArray());
        report.rows().forEach(row -> perClass[row.label()]++);
        images += report.rows().size();
        hashesOfImages.add(report.hashes());
        for (ShardReport.Row row : report.rows()) {
          if (Math.min(row.width(), row.height()) < options.side()) {
            enlarged.add("", row.name());
          }
        }
        file.write(ByteBuffer.wrap(lines(report).getBytes(StandardCharsets.UTF_8)));
        if (name.equals("train")) {
          addSums(task, report);
        }
      }
      file.commit();
    }
    writeLabels(out.resolve(name).resolve("labels.npy"), labels, images);
    for (String file : List.of(name + "/files.tsv", name + "/labels.npy")) {
      hashes.put(file, Hashes.ofFile(out.resolve(file)));
    }
    int[] all = Ints.concat(labels.toArray(new int[0][]));
    PackedNames names = PackedNames.read(list, images);
    long[] pixels = Longs.concat(hashesOfImages.toArray(new long[0][]));
    duplicates.add(name, pixels, i -> all[i], names::name);
    return new Passport.Part(images, perClass, shards, kinds, odd, skipped);
  }

  /** Refuses a class of which every image was damaged, as one without an image is. */
  private void requireWhole(String name, Passport.Part part) throws DataException {
    FolderLayout layout = name.equals("train") ? source.train() : source.held();
    int[] found = new int[part.perClass().length];
    for (int label : layout.labels()) {
      found[label]++;
    }
    for (int label = 0; label < found.length; label++) {
      if (found[label] > 0 && part.perClass()[label] == 0) {
        String id = source.ids().get(label);
        String example =
            part.skipped().stream()
                .filter(file -> ("/" + file.name()).contains("/" + id + "/"))
                .findFirst()
                .map(file -> ", such as " + file.name() + ": " + file.reason())
                .orElse("");
        throw new DataException(
            source.files().root(),
            "class '" + id + "' has no image left in " + name + ", all are damaged" + example,
            "one whole image or more, prepared into an empty folder");
      }
    }
  }

  /** What a person should know that is not said of each file. */
  private List<FileNote> notes(Map<String, Passport.Part> parts) {
    List<FileNote> notes = new ArrayList<>(source.notes());
    int images = parts.values().stream().mapToInt(Passport.Part::images).sum();
    for (FileNote note : enlarged.build()) {
      notes.add(
          new FileNote(OddFiles.enlarged(images, options.side()), note.count(), note.names()));
    }
    notes.addAll(duplicates.notes());
    return notes;
  }

  private static String lines(ShardReport report) {
    StringBuilder text = new StringBuilder();
    for (ShardReport.Row row : report.rows()) {
      text.append(TsvText.escape(row.name())).append('\t');
      text.append(row.width()).append('\t').append(row.height()).append('\n');
    }
    return text.toString();
  }

  private void addSums(ShardTask task, ShardReport report) throws IOException {
    try (Npy npy = Npy.open(task.sums(work))) {
      long[] perPixel = npy.readIntegers();
      if (perPixel.length != 3 * options.side() * options.side()) {
        throw new FormatException(task.sums(work), "shape", "it is " + npy.shape());
      }
      sums.add(new PixelSums(options.side(), report.rows().size(), perPixel, report.products()));
    }
  }

  private static void writeLabels(Path file, List<int[]> labels, int images) throws IOException {
    try (NpyWriter writer = NpyWriter.create(file, DType.INT32, images)) {
      for (int[] shard : labels) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * shard.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int label : shard) {
          bytes.putInt(label);
        }
        writer.write(bytes.flip());
      }
      writer.commit();
    }
  }

  private void writeClasses() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int label = 0; label < source.ids().size(); label++) {
      text.append(label).append('\t').append(TsvText.escape(source.ids().get(label)));
      text.append('\t').append(TsvText.escape(source.names().get(label))).append('\n');
    }
    AtomicFile.writeText(out.resolve(PackedClass.FILE), text.toString());
  }

  private void writeComponents() throws IOException {
    ColourComponents components = sums.components();
    float[] mean = sums.mean().perChannel();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("images", sums.images());
    json.put("units", "grey levels 0 to 255, order red, green, blue");
    json.put("mean", mean);
    json.put("eigenvalues", components.eigenvalues());
    json.put("vectors", components.vectors());
    String text = new GsonBuilder().setPrettyPrinting().create().toJson(json);
    AtomicFile.writeText(out.resolve(PackedStatistics.COMPONENTS), text + "\n");
  }
}
