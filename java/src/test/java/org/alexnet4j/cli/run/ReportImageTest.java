package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.eval.Features;
import org.alexnet4j.eval.Network;
import org.alexnet4j.plan.Purpose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The maps of an image: their numbers against the features of the same image. */
class ReportImageTest {
  @TempDir static Path folder;

  @BeforeAll
  static void train() throws IOException {
    TinyRun.train(folder, "run", "--steps", "4", "--inspect", "0");
    BufferedImage image = new BufferedImage(60, 40, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 60 * 40; i++) {
      image.setRGB(i % 60, i / 60, (i * 7919) & 0xffffff);
    }
    ImageIO.write(image, "png", folder.resolve("image.png").toFile());
  }

  private static Cli run(String line) {
    return Cli.run(line.replace("@", folder + "/").strip().split(" +"));
  }

  private static BufferedImage picture(JsonElement uri) throws IOException {
    String text = uri.getAsString();
    byte[] bytes = Base64.getDecoder().decode(text.substring(text.indexOf(',') + 1));
    return ImageIO.read(new ByteArrayInputStream(bytes));
  }

  @Test
  void mapsAreThoseOfTheLayers() throws IOException {
    Cli cli = run("report @run --image @image.png --devices cpu:0");
    assertEquals(0, cli.code(), cli.err());
    JsonObject maps =
        JsonParser.parseString(Files.readString(folder.resolve("run/maps.json"))).getAsJsonObject();
    assertEquals(4, maps.get("step").getAsInt());
    assertEquals(28, picture(maps.get("picture")).getWidth());
    JsonObject layer = null;
    for (JsonElement one : maps.getAsJsonArray("layers")) {
      layer =
          one.getAsJsonObject().get("name").getAsString().equals("relu2")
              ? one.getAsJsonObject()
              : layer;
    }
    assertEquals(16, layer.get("maps").getAsInt());
    float[] relu2 = features("relu2");
    int columns = layer.get("columns").getAsInt();
    float before = Float.POSITIVE_INFINITY;
    for (JsonElement one : layer.getAsJsonArray("shown")) {
      JsonObject shown = one.getAsJsonObject();
      int map = shown.get("map").getAsInt();
      float most = Float.NEGATIVE_INFINITY;
      int place = 0;
      for (int i = map; i < relu2.length; i += 16) {
        place = relu2[i] > most ? i / 16 : place;
        most = Math.max(most, relu2[i]);
      }
      assertEquals(most, shown.get("value").getAsFloat());
      assertEquals(place, shown.get("row").getAsInt() * columns + shown.get("column").getAsInt());
      assertTrue(most <= before, "the strongest first");
      before = most;
      BufferedImage picture = picture(shown.get("picture"));
      int white = most > 0 ? 255 : 0; // a map that is 0 everywhere is black
      assertEquals(white, picture.getRGB(place % columns, place / columns) & 255);
      BufferedImage seen = picture(shown.get("seen"));
      assertEquals(shown.get("right").getAsInt() - shown.get("left").getAsInt(), seen.getWidth());
      assertEquals(shown.get("bottom").getAsInt() - shown.get("top").getAsInt(), seen.getHeight());
    }
    assertTrue(
        Files.readString(folder.resolve("run/report.html")).contains("\"maps\":{\"step\":4"));
  }

  private static float[] features(String layer) throws IOException {
    Path checkpoint = folder.resolve("run/checkpoints/step-00000004.safetensors");
    Network.Source source = Network.Source.read(checkpoint, Optional.empty());
    float[][] values = new float[1][];
    try (Network network = source.open(Devices.choose("cpu:0", 2), 1, Purpose.INSPECT, 0);
        var images = Datasets.files(List.of(folder.resolve("image.png")), 32)) {
      new Features(network.towers(), layer)
          .of(images, 1, (first, count, rows) -> values[0] = rows.clone());
    }
    return values[0];
  }

  /** Only the layers that are named, by whatever name. */
  @Test
  void layersThatAreNamed() throws IOException {
    Cli cli = run("report @run --image @image.png --layer features.1 --layer conv2");
    assertEquals(0, cli.code(), cli.err());
    String maps = Files.readString(folder.resolve("run/maps.json"));
    List<String> names = new ArrayList<>();
    for (JsonElement one :
        JsonParser.parseString(maps).getAsJsonObject().getAsJsonArray("layers")) {
      names.add(one.getAsJsonObject().get("name").getAsString());
    }
    assertEquals(List.of("relu1", "conv2"), names);
    Cli unknown = run("report @run --image @image.png --layer conv9");
    assertEquals(2, unknown.code(), unknown.err());
    assertTrue(unknown.err().contains("no layer 'conv9'; did you mean 'conv1'?"), unknown.err());
    Cli units = run("report @run --image @image.png --layer fc3");
    assertEquals(2, units.code(), units.err());
    assertTrue(units.err().contains("layer fc3 has no maps to show"), units.err());
    assertEquals(2, run("report @run --layer conv1").code());
  }

  @Test
  void whatDoesNotFitIsRefusedAndDamageIsLeftOut() throws IOException {
    assertEquals(3, run("report @run --image @nosuch.png").code());
    Cli several = run("report @run @run --image @image.png --out @both.html");
    assertEquals(2, several.code());
    assertTrue(several.err().contains("--image is for the page of one run, named are 2"));
    Cli over = run("report @run --image @image.png --out @image.png");
    assertEquals(2, over.code(), over.err());
    Files.writeString(folder.resolve("run/maps.json"), "{\"step\": 1}");
    Cli damaged = run("report @run");
    assertEquals(0, damaged.code(), damaged.err());
    assertTrue(damaged.err().contains("left out of the page: "), damaged.err());
    assertTrue(damaged.err().contains("image is missing or no single value"), damaged.err());
  }
}
