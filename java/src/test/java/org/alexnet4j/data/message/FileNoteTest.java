package org.alexnet4j.data.message;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class FileNoteTest {
  @Test
  void notesCountAllAndNameFive() {
    FileNote.Builder notes = new FileNote.Builder();
    for (int i = 0; i < 2012; i++) {
      notes.add("files are odd", i == 1 ? "a\u001b[2Jb\nc" : "f" + i);
    }
    notes.say("a sentence");
    assertEquals(
        List.of(
            "2,012 files are odd: f0, a\\u001b[2Jb\\nc, f2, f3, f4 and 2,007 more", "a sentence"),
        notes.build().stream().map(FileNote::line).toList());
  }
}
