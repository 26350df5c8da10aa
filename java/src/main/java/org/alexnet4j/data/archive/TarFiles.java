package org.alexnet4j.data.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/** Files in a plain tar archive, which was indexed once and is read in place. */
final class TarFiles extends ImageFiles {
  private final FileChannel channel;
  private final long[] starts;
  private final long[] sizes;

  TarFiles(Path file, PathList paths, List<FileNote> notes, long[] starts, long[] sizes)
      throws IOException {
    super(file.toString(), paths, notes);
    this.starts = starts;
    this.sizes = sizes;
    this.channel = FileChannel.open(file, StandardOpenOption.READ);
  }

  @Override
  public String display(String path) {
    return root() + "!/" + path;
  }

  @Override
  public byte[] read(int entry) throws IOException {
    if (sizes[entry] > MAX_FILE_BYTES) {
      throw tooLarge(path(entry), sizes[entry]);
    }
    return read(entry, (int) sizes[entry]);
  }

  @Override
  byte[] head(int entry) throws IOException {
    return read(entry, (int) Math.min(HEAD_BYTES, sizes[entry]));
  }

  private byte[] read(int entry, int bytes) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(bytes);
    long at = starts[entry];
    while (content.hasRemaining()) {
      if (channel.read(content, at + content.position()) < 0) {
        throw new DataException(display(path(entry)), "the archive has shrunk", "a whole archive");
      }
    }
    return content.array();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
