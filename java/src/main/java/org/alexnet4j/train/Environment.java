package org.alexnet4j.train;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Instant;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;

/** Says where and how a run was made, for its folder. */
final class Environment {
  private Environment() {}

  /** Returns the text of {@code env.json}. */
  static String describe(RunOptions options, Configuration configuration) {
    JsonObject json = new JsonObject();
    json.addProperty("started", Instant.now().toString());
    json.addProperty("data", options.data());
    json.addProperty("seed", options.seed());
    json.addProperty("network", configuration.network().name());
    json.addProperty("devices", options.devices().ids().toString());
    json.addProperty("devicesBecause", options.devices().reason());
    json.addProperty("resumed", options.resume());
    json.addProperty("loaderThreads", options.loaderThreads());
    json.addProperty("java", Runtime.version().toString());
    json.addProperty(
        "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    json.addProperty("cores", Runtime.getRuntime().availableProcessors());
    json.add("build", JsonParser.parseString(Devices.buildInfo()));
    return new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n";
  }
}
