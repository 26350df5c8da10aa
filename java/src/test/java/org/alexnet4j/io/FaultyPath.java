package org.alexnet4j.io;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/** A path of a {@link FaultyDisk}: one of the default file system, under another provider. */
record FaultyPath(FileSystem system, Path base) implements Path {
  private Path wrap(Path path) {
    return path == null ? null : new FaultyPath(system, path);
  }

  private static Path unwrap(Path path) {
    return path instanceof FaultyPath faulty ? faulty.base : path;
  }

  @Override
  public FileSystem getFileSystem() {
    return system;
  }

  @Override
  public boolean isAbsolute() {
    return base.isAbsolute();
  }

  @Override
  public Path getRoot() {
    return wrap(base.getRoot());
  }

  @Override
  public Path getFileName() {
    return wrap(base.getFileName());
  }

  @Override
  public Path getParent() {
    return wrap(base.getParent());
  }

  @Override
  public int getNameCount() {
    return base.getNameCount();
  }

  @Override
  public Path getName(int index) {
    return wrap(base.getName(index));
  }

  @Override
  public Path subpath(int begin, int end) {
    return wrap(base.subpath(begin, end));
  }

  @Override
  public boolean startsWith(Path other) {
    return base.startsWith(unwrap(other));
  }

  @Override
  public boolean endsWith(Path other) {
    return base.endsWith(unwrap(other));
  }

  @Override
  public Path normalize() {
    return wrap(base.normalize());
  }

  @Override
  public Path resolve(Path other) {
    return wrap(base.resolve(unwrap(other)));
  }

  @Override
  public Path relativize(Path other) {
    return wrap(base.relativize(unwrap(other)));
  }

  @Override
  public URI toUri() {
    return base.toUri();
  }

  @Override
  public Path toAbsolutePath() {
    return wrap(base.toAbsolutePath());
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    return wrap(base.toRealPath(options));
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers)
      throws IOException {
    return base.register(watcher, events, modifiers);
  }

  @Override
  public int compareTo(Path other) {
    return base.compareTo(unwrap(other));
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
