package org.alexnet4j.cli.option;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.cli.console.ProgressLine;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Statistics;
import org.alexnet4j.data.message.FileNote;

/**
 * A data set of which a person hears how far it has been read, if that takes long. Whoever reads it
 * need not know; whoever owns the set below closes that.
 */
public final class WatchedDataset implements Dataset {
  private final Dataset images;
  private final ProgressLine progress;
  private final String what;
  private final long total;
  private long done;

  /**
   * Watches one pass over a set.
   *
   * @param what is counted, in the plural
   * @param total how many images will be read
   */
  public WatchedDataset(Dataset images, String what, int total, ProgressLine progress) {
    this.images = images;
    this.what = what;
    this.progress = progress;
    this.total = total;
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    images.read(index, to);
    synchronized (this) {
      done = Math.min(total, done + 1);
      progress.count(what, done, total);
    }
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public List<String> classes() {
    return images.classes();
  }

  @Override
  public int label(int index) {
    return images.label(index);
  }

  @Override
  public String name(int index) {
    return images.name(index);
  }

  @Override
  public int source() {
    return images.source();
  }

  @Override
  public List<String> skipped() {
    return images.skipped();
  }

  @Override
  public List<FileNote> notes() {
    return images.notes();
  }

  @Override
  public Optional<Statistics> statistics() throws IOException {
    return images.statistics();
  }

  @Override
  public void close() {}
}
