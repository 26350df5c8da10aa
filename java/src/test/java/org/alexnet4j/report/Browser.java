package org.alexnet4j.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A headless Chromium that a test drives through the browser's own debugging protocol: JSON over
 * one WebSocket. Remembers every request that a page makes and every complaint about it.
 */
final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final String READY = "DevTools listening on ";
  private static final int TIMEOUT_SECONDS = 60;

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private String session;

  private Browser(Process process, URI address) {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(address, new Listener())
            .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .join();
  }

  /** Returns the program, if there is one on the PATH. */
  static Optional<Path> find() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts a browser.
   *
   * @param profile an empty folder
   */
  static Browser start(Path program, Path profile) throws IOException {
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                "--no-sandbox", // root may not use the sandbox; the page is our own
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader errors =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = errors.readLine(); line != null; line = errors.readLine()) {
      said.append(line).append('\n');
      if (line.startsWith(READY)) {
        Thread drain = new Thread(() -> drain(errors), "browser-errors");
        drain.setDaemon(true);
        drain.start();
        return new Browser(process, URI.create(line.substring(READY.length())));
      }
    }
    throw new IOException(program + " did not start: " + said);
  }

  /** Keeps the browser from waiting until somebody reads what it complains about. */
  private static void drain(BufferedReader errors) {
    try {
      while (errors.readLine() != null) {
        continue;
      }
    } catch (IOException e) {
      // the browser has ended
    }
  }

  /** Opens a page in a new tab and waits until it is loaded. */
  void open(URI page) {
    JsonObject target = new JsonObject();
    target.addProperty("url", "about:blank");
    JsonObject attach = new JsonObject();
    attach.add("targetId", call("Target.createTarget", target).get("targetId"));
    attach.addProperty("flatten", true);
    session = call("Target.attachToTarget", attach).get("sessionId").getAsString();
    requests.clear();
    complaints.clear();
    for (String domain : List.of("Network", "Page", "Runtime", "Log")) {
      call(domain + ".enable", new JsonObject());
    }
    JsonObject navigate = new JsonObject();
    navigate.addProperty("url", page.toString());
    call("Page.navigate", navigate);
    await("document.body && document.body.dataset.ready === 'true'");
  }

  /** Sets the window and what the system prefers. */
  void screen(int width, int height, boolean dark) {
    JsonObject metrics = new JsonObject();
    metrics.addProperty("width", width);
    metrics.addProperty("height", height);
    metrics.addProperty("deviceScaleFactor", 1);
    metrics.addProperty("mobile", width < 500);
    call("Emulation.setDeviceMetricsOverride", metrics);
    JsonObject feature = new JsonObject();
    feature.addProperty("name", "prefers-color-scheme");
    feature.addProperty("value", dark ? "dark" : "light");
    JsonArray features = new JsonArray();
    features.add(feature);
    JsonObject media = new JsonObject();
    media.add("features", features);
    call("Emulation.setEmulatedMedia", media);
    evaluate("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))");
  }

  /** Returns the value of an expression, or of the promise that it gives. */
  JsonElement evaluate(String expression) {
    JsonObject parameters = new JsonObject();
    parameters.addProperty("expression", expression);
    parameters.addProperty("returnByValue", true);
    parameters.addProperty("awaitPromise", true);
    JsonObject result = call("Runtime.evaluate", parameters);
    if (result.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
    }
    return result.getAsJsonObject("result").get("value");
  }

  String text(String expression) {
    return evaluate(expression).getAsString();
  }

  void await(String condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (!evaluate("!!(" + condition + ")").getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("never true: " + condition + "; complaints " + complaints);
      }
    }
  }

  /** Moves the pointer to the middle of an element, or a share of its width, and waits. */
  void hover(String selector, double share) {
    JsonObject box =
        JsonParser.parseString(
                text(
                    "(e => { e.scrollIntoView({block: 'center', behavior: 'instant'});"
                        + " const b = e.getBoundingClientRect(); return JSON.stringify({x: b.left +"
                        + " b.width * "
                        + share
                        + ", y: b.top + b.height / 2}); })(document.querySelector('"
                        + selector
                        + "'))"))
            .getAsJsonObject();
    JsonObject move = new JsonObject();
    move.addProperty("type", "mouseMoved");
    move.add("x", box.get("x"));
    move.add("y", box.get("y"));
    call("Input.dispatchMouseEvent", move);
  }

  /** Takes a picture of the whole page, or of what an element covers. */
  byte[] picture(String selector) {
    JsonObject box =
        JsonParser.parseString(
                text(
                    "(e => { const b = e.getBoundingClientRect(); return JSON.stringify({x: b.left"
                        + " + scrollX, y: b.top + scrollY, width: b.width, height: b.height, scale:"
                        + " 1}); })(document.querySelector('"
                        + selector
                        + "'))"))
            .getAsJsonObject();
    JsonObject parameters = new JsonObject();
    parameters.add("clip", box);
    parameters.addProperty("captureBeyondViewport", true);
    return Base64.getDecoder()
        .decode(call("Page.captureScreenshot", parameters).get("data").getAsString());
  }

  /** Prints the page; returns a PDF. */
  byte[] print() {
    return Base64.getDecoder()
        .decode(call("Page.printToPDF", new JsonObject()).get("data").getAsString());
  }

  /** Returns the addresses that the page asked for, itself included; no data in the page. */
  List<String> requests() {
    return requests.stream().filter(url -> !url.startsWith("data:")).toList();
  }

  /** Returns errors and warnings of the console, uncaught exceptions, refused requests. */
  List<String> complaints() {
    return new ArrayList<>(complaints);
  }

  private JsonObject call(String method, JsonObject parameters) {
    int id = calls.incrementAndGet();
    JsonObject message = new JsonObject();
    message.addProperty("id", id);
    message.addProperty("method", method);
    message.add("params", parameters);
    if (session != null && !method.startsWith("Target.")) {
      message.addProperty("sessionId", session);
    }
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket.sendText(message.toString(), true).join();
    try {
      JsonObject result = answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (result.has("error")) {
        throw new AssertionError(method + ": " + result.get("error"));
      }
      return result.getAsJsonObject("result");
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(method + " has no answer", e);
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        handle(JsonParser.parseString(message.toString()).getAsJsonObject());
        message.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void handle(JsonObject object) {
      if (object.has("id")) {
        answers.remove(object.get("id").getAsInt()).complete(object);
        return;
      }
      JsonObject parameters = object.getAsJsonObject("params");
      switch (object.get("method").getAsString()) {
        case "Network.requestWillBeSent" ->
            requests.add(parameters.getAsJsonObject("request").get("url").getAsString());
        case "Runtime.exceptionThrown" -> complaints.add(parameters.toString());
        case "Runtime.consoleAPICalled" -> {
          if (List.of("error", "warning").contains(parameters.get("type").getAsString())) {
            complaints.add(parameters.toString());
          }
        }
        case "Log.entryAdded" -> complaints.add(parameters.toString());
        default -> {}
      }
    }
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
