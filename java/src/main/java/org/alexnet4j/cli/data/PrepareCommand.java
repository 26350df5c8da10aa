package org.alexnet4j.cli.data;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.data.prepare.Preparation;
import org.alexnet4j.data.prepare.PrepareOptions;
import org.alexnet4j.report.Numbers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Packs images so that training reads them without decoding. */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description = {
      "Packs images so that training need not decode them.",
      "They are brought to one size and written as NumPy files, with mean image and colour",
      "components. Stopped in any way, the same command goes on where it was. The source is",
      "recognised by what is in it; docs/data.md describes sources and result."
    },
    footer = {
      "",
      "Examples:",
      "  ./alexnet prepare ilsvrc2012 --out imagenet  # its two tar files, and labels",
      "  ./alexnet prepare cifar-10-binary.tar.gz --out cifar --side 32",
      "  ./alexnet prepare photos.txt --out photos    # lines of PATH LABEL"
    })
public final class PrepareCommand implements Callable<Integer> {
  private static final String STOPPED = "stopped; the same command goes on where it was";

  private final Console console;
  private final StopRequest stop;

  @Parameters(
      paramLabel = "SOURCE",
      description =
          "Folder of images by class, archive of one, ILSVRC archives, CIFAR-10, or list.")
  private Path source;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder that gets the packed images.")
  private Path out;

  @Option(
      names = "--side",
      paramLabel = "N",
      defaultValue = "256",
      description = "Side of the packed images in pixels (default: 256).")
  private int side;

  @Option(
      names = "--held-out",
      paramLabel = "SHARE",
      description =
          "Share of each class to hold out where the source has no val (default: 0.1); 0: none.")
  private Double heldOut;

  @Option(
      names = "--val-labels",
      paramLabel = "FILE",
      description = "Labels of validation images that lie in no class folders.")
  private Optional<Path> valLabels;

  @Option(
      names = "--ilsvrc-labels",
      description = "Label by the 1,000 classes of ILSVRC-2012 even where not all are there.")
  private boolean ilsvrcLabels;

  @Option(
      names = "--exif",
      paramLabel = "WHAT",
      defaultValue = "IGNORE",
      description = "ignore the camera's orientation as in 2012, or honour it (default: ignore).")
  private Exif exif;

  private enum Exif {
    IGNORE,
    HONOUR
  }

  @Option(
      names = "--damaged",
      paramLabel = "WHAT",
      defaultValue = "FAIL",
      description = "fail at a damaged image, or skip it and list it (default: fail).")
  private Damaged damaged;

  @Option(
      names = "--shard-images",
      paramLabel = "N",
      defaultValue = "1024",
      description = "Images per file (default: 1024).")
  private int shardImages;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that decode (default: all cores).")
  private Integer threads;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public PrepareCommand(Console console, StopRequest stop) {
    this.console = console;
    this.stop = stop;
  }

  @Override
  public Integer call() throws IOException {
    PrepareOptions options =
        new PrepareOptions(
            side,
            heldOut == null ? 0.1 : heldOut,
            exif == Exif.HONOUR,
            damaged,
            ilsvrcLabels,
            valLabels,
            shardImages,
            threads == null ? Runtime.getRuntime().availableProcessors() : threads,
            heldOut != null);
    stop.farewell(STOPPED); // it can end at any moment, so no signal waits
    PrepareProgress progress = new PrepareProgress(console, stop::isRequested, System::nanoTime);
    Optional<Passport> whole = Preparation.run(source, out, options, progress);
    if (whole.isEmpty()) {
      console.message(STOPPED);
      return ExitCode.OK.code();
    }
    progress.notes(whole.get().summary());
    print(whole.get());
    return ExitCode.OK.code();
  }

  private void print(Passport passport) {
    Passport.Part train = passport.parts().get("train");
    Passport.Part val = passport.parts().get("val");
    int skipped = train.skipped().size() + val.skipped().size();
    if (json) {
      console.json(
          ImmutableMap.of(
              "out", out.toString(),
              "classes", passport.classes(),
              "train", train.images(),
              "val", val.images(),
              "skipped", skipped,
              "odd", train.odd().size() + val.odd().size(),
              "left", passport.left(),
              "notes", passport.summary()));
    } else {
      console.result(
          String.format(
              Locale.ROOT,
              "%s: %s images to train, %s held out, %d classes, %d pixels; %d odd files, %d skipped",
              out,
              Numbers.grouped(train.images()),
              Numbers.grouped(val.images()),
              passport.classes(),
              passport.side(),
              train.odd().size() + val.odd().size(),
              skipped));
    }
  }
}
