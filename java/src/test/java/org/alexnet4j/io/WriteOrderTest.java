package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The order of calls that makes a file appear whole or not at all, also when the power goes: its
 * bytes, their sync, the rename, the sync of the folder that holds the name.
 */
class WriteOrderTest {
  @TempDir Path folder;

  private final List<String> calls = new ArrayList<>();

  private Path watched(String name) {
    return FaultyDisk.watched(this::note).path(folder.resolve(name));
  }

  /** The folder is there already. */
  private void note(String call) {
    if (!call.startsWith("create folder")) {
      calls.add(call);
    }
  }

  private String temporary(String name) {
    return "." + name + "." + ProcessHandle.current().pid() + ".tmp";
  }

  @Test
  void bytesAreSyncedBeforeTheNameAndTheFolderAfterIt() throws IOException {
    try (AtomicFile file = AtomicFile.create(watched("a.bin"))) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      file.write(ByteBuffer.wrap(new byte[] {4}));
      calls.add("commit");
      file.commit();
    }
    String temporary = temporary("a.bin");
    assertEquals(
        List.of(
            "remove " + temporary, // what a killed process of this number left, maybe a link
            "open " + temporary,
            "write to " + temporary,
            "write to " + temporary,
            "commit",
            "sync " + temporary,
            "rename to a.bin",
            "sync " + folder.getFileName()),
        calls);
    assertEquals(4, Files.size(folder.resolve("a.bin")));
  }

  @Test
  void whatIsNotCommittedIsRemovedAndNeverRenamed() throws IOException {
    try (AtomicFile file = AtomicFile.create(watched("a.bin"))) {
      file.write(ByteBuffer.wrap(new byte[] {1}));
    }
    String temporary = temporary("a.bin");
    assertEquals(
        List.of("open " + temporary, "write to " + temporary, "remove " + temporary),
        calls.subList(1, calls.size()));
  }
}
