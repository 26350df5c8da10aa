package org.alexnet4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** An open file of a {@link FaultyDisk}. */
final class FaultyChannel extends FileChannel {
  private final FaultyDisk disk;
  private final String name;
  private final FileChannel base;

  FaultyChannel(FaultyDisk disk, String name, FileChannel base) {
    this.disk = disk;
    this.name = name;
    this.base = base;
  }

  private interface Write {
    int run(ByteBuffer from) throws IOException;
  }

  private int write(ByteBuffer from, Write write) throws IOException {
    disk.awaitOpen(name);
    FaultyDisk.Fault how = disk.next("write to " + name);
    if (how == null) {
      return write.run(from);
    }
    if (how != FaultyDisk.Fault.NOTHING_DONE) {
      int bytes = how == FaultyDisk.Fault.ALL_DONE ? from.remaining() : from.remaining() / 2;
      ByteBuffer part = from.slice(from.position(), bytes);
      while (part.hasRemaining()) {
        write.run(part);
      }
      if (how == FaultyDisk.Fault.SHORT) {
        from.position(from.position() + bytes);
        return bytes;
      }
    }
    throw new IOException("No space left on device (write to " + name + ")");
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return write(from, base::write);
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    return write(from, part -> base.write(part, position));
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    throw new UnsupportedOperationException("gathering write");
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    disk.change("truncate " + name, () -> base.truncate(size));
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    disk.delaySync(name);
    disk.change("sync " + name, () -> base.force(metaData));
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    return base.read(to);
  }

  @Override
  public int read(ByteBuffer to, long position) throws IOException {
    return base.read(to, position);
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) throws IOException {
    return base.read(to, offset, length);
  }

  @Override
  public long position() throws IOException {
    return base.position();
  }

  @Override
  public FileChannel position(long position) throws IOException {
    base.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return base.size();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    return base.transferTo(position, count, target);
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long position, long count) {
    throw new UnsupportedOperationException("transferFrom");
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    return base.map(mode, position, size);
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    return base.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return base.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    base.close();
  }
}
