package org.alexnet4j.io;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * The default file system, of which one call that changes something fails: every open for writing,
 * write, sync, truncation, rename, removal and new folder counts. Calls after the failed one work.
 */
public final class FaultyDisk extends FileSystemProvider {
  /** How a call fails. */
  public enum Fault {
    /** The call does nothing and says so. */
    NOTHING_DONE,
    /** A write does half of its work, then the disk is full; other calls do nothing. */
    HALF_DONE,
    /** The call does its work but says that it failed. */
    ALL_DONE,
    /** A write does half of its work and returns how much; nothing fails. */
    SHORT
  }

  private final FileSystem base = FileSystems.getDefault();
  private final FaultyFileSystem system = new FaultyFileSystem();
  private final Fault fault;
  private final int failing;
  private final String delayed;
  private final Duration sync;
  private final CountDownLatch open;
  private final Consumer<String> watcher;
  private int calls;
  private String failed = "";

  /**
   * Makes a disk.
   *
   * @param failing number of the call that fails, from 1
   */
  public FaultyDisk(Fault fault, int failing) {
    this(fault, failing, "", Duration.ZERO, new CountDownLatch(0), call -> {});
  }

  private FaultyDisk(
      Fault fault,
      int failing,
      String delayed,
      Duration sync,
      CountDownLatch open,
      Consumer<String> watcher) {
    this.fault = fault;
    this.failing = failing;
    this.delayed = delayed;
    this.sync = sync;
    this.open = open;
    this.watcher = watcher;
  }

  /** Returns a disk that never fails but takes its time to sync files whose names begin so. */
  public static FaultyDisk slow(String prefix, Duration sync) {
    return new FaultyDisk(Fault.SHORT, 0, prefix, sync, new CountDownLatch(0), call -> {});
  }

  /** Returns a disk that never fails but lets nothing through to such files before the latch. */
  public static FaultyDisk held(String prefix, CountDownLatch until) {
    return new FaultyDisk(Fault.SHORT, 0, prefix, Duration.ZERO, until, call -> {});
  }

  /**
   * Returns a disk that never fails but tells of every call before it is done.
   *
   * @param watcher is called by the thread that calls, one at a time or not
   */
  public static FaultyDisk watched(Consumer<String> watcher) {
    return new FaultyDisk(Fault.SHORT, 0, "", Duration.ZERO, new CountDownLatch(0), watcher);
  }

  /** Returns a path of the default file system as one of this disk. */
  public Path path(Path path) {
    return new FaultyPath(system, path);
  }

  /** Returns the call that failed; empty if there was none. */
  public synchronized String failed() {
    return failed;
  }

  /** Counts a call; returns how it fails, or null. */
  Fault next(String call) {
    watcher.accept(call);
    synchronized (this) {
      if (++calls != failing) {
        return null;
      }
      failed = call;
      return fault;
    }
  }

  /** An action that may fail. */
  interface Action {
    void run() throws IOException;
  }

  void change(String call, Action action) throws IOException {
    Fault how = next(call);
    if (how == null || how == Fault.ALL_DONE || how == Fault.SHORT) {
      action.run();
    }
    if (how != null && how != Fault.SHORT) {
      throw new IOException("Input/output error (" + call + ")");
    }
  }

  /** Lasts until the disk lets writes to a file through. */
  void awaitOpen(String name) throws IOException {
    if (!name.startsWith(delayed)) {
      return;
    }
    try {
      open.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while writing");
    }
  }

  /** Lasts as long as the disk takes to sync a file. */
  void delaySync(String name) throws IOException {
    if (sync.isZero() || !name.startsWith(delayed)) {
      return;
    }
    try {
      Thread.sleep(sync.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while syncing");
    }
  }

  private static Path base(Path path) {
    return ((FaultyPath) path).base();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    boolean writes =
        options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
    if (writes) {
      change("open " + path.getFileName(), () -> {});
    }
    return new FaultyChannel(
        this, path.getFileName().toString(), FileChannel.open(base(path), options, attributes));
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files =
        base.provider().newDirectoryStream(base(folder), f -> true)) {
      for (Path file : files) {
        Path wrapped = path(file);
        if (filter.accept(wrapped)) {
          found.add(wrapped);
        }
      }
    }
    return new DirectoryStream<>() {
      @Override
      public java.util.Iterator<Path> iterator() {
        return found.iterator();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    change(
        "create folder " + folder.getFileName(),
        () -> base.provider().createDirectory(base(folder), attributes));
  }

  @Override
  public void delete(Path path) throws IOException {
    change("remove " + path.getFileName(), () -> base.provider().delete(base(path)));
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    change(
        "rename to " + to.getFileName(), () -> base.provider().move(base(from), base(to), options));
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) throws IOException {
    throw new UnsupportedOperationException("copy");
  }

  @Override
  public boolean isSameFile(Path first, Path second) throws IOException {
    return base.provider().isSameFile(base(first), base(second));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return base.provider().isHidden(base(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return base.provider().getFileStore(base(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    base.provider().checkAccess(base(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return base.provider().getFileAttributeView(base(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return base.provider().readAttributes(base(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return base.provider().readAttributes(base(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    base.provider().setAttribute(base(path), name, value, options);
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException("newFileSystem");
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return system;
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException("getPath");
  }

  /** The file system of this provider; what it does not change is the default one's. */
  private final class FaultyFileSystem extends FileSystem {
    @Override
    public FileSystemProvider provider() {
      return FaultyDisk.this;
    }

    @Override
    public void close() {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public String getSeparator() {
      return base.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
      return List.of(path(Path.of("/")));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
      return base.getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
      return base.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
      return path(base.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
      PathMatcher matcher = base.getPathMatcher(pattern);
      return path -> matcher.matches(base(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
      return base.getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() throws IOException {
      return base.newWatchService();
    }
  }
}
