package org.alexnet4j.run;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonRecord;
import org.alexnet4j.io.RegularFile;

/**
 * The sessions of a run, {@code env.json}: one for each start, oldest first, with what it was told,
 * where it ran, from which step to which, and how it ended. docs/runs.md describes the fields. A
 * file of a version that kept the last session only is read as a list of that one.
 *
 * <p>Threads: one caller.
 *
 * @hidden
 */
public final class RunSessions {
  private static final int MOST_BYTES = 16 << 20;
  private static final String SESSIONS = "sessions";
  private static final List<String> ENDS = List.of("done", "stopped");

  private final Path file;
  private final List<JsonObject> sessions = new ArrayList<>();

  private RunSessions(Path file) {
    this.file = file;
  }

  /**
   * Reads the file of a run; without one there are no sessions.
   *
   * @param file of a run
   * @return the sessions
   * @throws FormatException if it is damaged; the text names the place
   * @throws IOException if it cannot be read
   */
  public static RunSessions read(Path file) throws IOException {
    RunSessions read = new RunSessions(file);
    if (!Files.exists(file)) {
      return read;
    }
    JsonElement root;
    try {
      root = JsonParser.parseString(RegularFile.readText(file, MOST_BYTES));
    } catch (JsonParseException e) {
      throw new FormatException(file, "content", "is no JSON");
    }
    if (!(root instanceof JsonObject object)) {
      throw new FormatException(file, "content", "is no JSON object");
    }
    if (!object.has(SESSIONS)) {
      read.sessions.add(checked(file, "content", object));
      return read;
    }
    if (!(object.get(SESSIONS) instanceof JsonArray array)) {
      throw new FormatException(file, SESSIONS, "is no list; allowed: a list of objects");
    }
    for (JsonElement session : array) {
      String place = SESSIONS + "[" + read.sessions.size() + "]";
      if (!(session instanceof JsonObject one)) {
        throw new FormatException(file, place, "is no JSON object");
      }
      read.sessions.add(checked(file, place, one));
    }
    return read;
  }

  /** Checks the fields that a program goes by; the others are for people. */
  private static JsonObject checked(Path file, String place, JsonObject session)
      throws FormatException {
    JsonRecord fields = new JsonRecord(file, place, session);
    fields.text("data");
    fields.optionalText("dataGiven");
    fields.text("devices");
    fields.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    fields.optionalText("started");
    fields.optionalText("ended");
    fields.optionalText("how");
    return session;
  }

  /**
   * Reads the file of a run that goes on; a damaged one is set aside, because nothing in it decides
   * about a step.
   *
   * @param folder of the run
   * @param notes hears of it
   * @return the sessions
   * @throws IOException if it cannot be read or renamed
   */
  public static RunSessions readOrSetAside(RunFolder folder, Consumer<String> notes)
      throws IOException {
    try {
      return read(folder.environment());
    } catch (FormatException e) {
      Path aside = RunFolder.setAside(folder.environment());
      notes.accept(e.getMessage() + "; set aside as " + aside.getFileName());
      return new RunSessions(folder.environment());
    }
  }

  /** {@return all sessions, oldest first} */
  public List<JsonObject> all() {
    return List.copyOf(sessions);
  }

  /** {@return the newest session} */
  public Optional<JsonObject> last() {
    return sessions.isEmpty() ? Optional.empty() : Optional.of(sessions.get(sessions.size() - 1));
  }

  /** Returns whether a session has saved a step: one that was done, or stopped by request, has. */
  boolean anySaved() {
    return sessions.stream()
        .anyMatch(
            session ->
                session.get("how") instanceof JsonPrimitive how
                    && ENDS.contains(how.getAsString())
                    && session.get("toStep") instanceof JsonPrimitive step
                    && step.isNumber()
                    && step.getAsLong() > 0);
  }

  /**
   * Adds a session that begins and writes the file.
   *
   * @param session from where, from what and how; what is told by this class is added
   * @param step the step that comes next
   * @throws IOException if the file cannot be written
   */
  public void begin(JsonObject session, long step) throws IOException {
    JsonObject added = new JsonObject();
    added.addProperty("started", Instant.now().toString());
    added.add("ended", JsonNull.INSTANCE);
    added.add("how", JsonNull.INSTANCE);
    added.addProperty("fromStep", step);
    added.add("toStep", JsonNull.INSTANCE);
    session.entrySet().forEach(entry -> added.add(entry.getKey(), entry.getValue()));
    sessions.add(added);
    write();
  }

  /**
   * Says how the session ended and writes the file.
   *
   * @param how in words
   * @param step the step that would come next
   * @throws IOException if the file cannot be written
   */
  public void end(String how, long step) throws IOException {
    JsonObject session = sessions.get(sessions.size() - 1);
    session.addProperty("ended", Instant.now().toString());
    session.addProperty("how", how);
    session.addProperty("toStep", step);
    write();
  }

  private void write() throws IOException {
    JsonArray array = new JsonArray();
    sessions.forEach(array::add);
    JsonObject root = new JsonObject();
    root.add(SESSIONS, array);
    AtomicFile.writeText(
        file,
        new GsonBuilder()
                .setPrettyPrinting()
                .serializeNulls()
                .disableHtmlEscaping()
                .create()
                .toJson(root)
            + "\n");
  }
}
