package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.FixtureFiles.Fixture;
import org.alexnet4j.data.image.ImageDecoder;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.data.prepare.PackedCheck;
import org.alexnet4j.data.prepare.Preparation;
import org.alexnet4j.data.prepare.PrepareOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FixtureTest {
  @TempDir Path dir;

  private static final List<Fixture> FIXTURES = FixtureFiles.all();

  /** Compares the middle of each quarter, away from what JPEG smears over the borders. */
  private static String fault(Fixture fixture, int[][] corners) {
    ImageDecoder decoder = ImageDecoder.ofThread();
    for (int corner = 0; corner < 4; corner++) {
      int x = (corner % 2 == 0 ? 1 : 3) * decoder.width() / 4;
      int y = (corner / 2 == 0 ? 1 : 3) * decoder.height() / 4;
      for (int c = 0; c < 3; c++) {
        int got = decoder.rgb()[3 * (y * decoder.width() + x) + c] & 255;
        if (Math.abs(got - corners[corner][c]) > fixture.tolerance()) {
          return fixture.name() + ": corner " + corner + ", channel " + c + ": " + got;
        }
      }
    }
    return null;
  }

  @Test
  void everySortOfFileHasItsOutcome() {
    assertTrue(FIXTURES.size() >= 40, FIXTURES.size() + " fixtures");
    List<String> faults = new ArrayList<>();
    for (Fixture fixture : FIXTURES) {
      try {
        ImageDecoder.ofThread().decode(fixture.content().clone(), fixture.name());
        String fault =
            fixture.decodes()
                ? fault(fixture, fixture.corners())
                : fixture.name() + " was not refused";
        if (fault != null) {
          faults.add(fault);
        }
      } catch (DataException e) {
        if (fixture.decodes() || !e.reason().startsWith(fixture.reason())) {
          faults.add(e.getMessage());
        }
      }
    }
    assertEquals(List.of(), faults);
  }

  /** One class of all the fixtures: each is packed or skipped, and listed by its name. */
  @Test
  void prepareListsThemByName() throws IOException {
    Path images = dir.resolve("images");
    for (String folder : List.of("a", "b")) {
      Files.createDirectories(images.resolve(folder));
    }
    Files.write(images.resolve("b/whole.JPEG"), Pictures.jpeg());
    Map<String, String> odd = new TreeMap<>();
    Map<String, String> skipped = new TreeMap<>();
    for (Fixture fixture : FIXTURES) {
      Files.write(images.resolve("a").resolve(fixture.name()), fixture.content());
      if (fixture.reason() != null) {
        (fixture.decodes() ? odd : skipped).put("a/" + fixture.name(), fixture.reason());
      }
    }
    PrepareOptions options =
        new PrepareOptions(32, 0, false, Damaged.SKIP, false, Optional.empty(), 16, 2);
    Passport passport =
        Preparation.run(images, dir.resolve("out"), options, new Preparation.Listener() {})
            .orElseThrow();
    Passport.Part train = passport.parts().get("train");
    assertEquals(FIXTURES.size() + 1 - skipped.size(), train.images());
    assertListed(odd, train.odd());
    assertListed(skipped, train.skipped());
    assertEquals(8 - 1, train.kinds().get("EXIF orientation"));
    assertEquals(List.of(), PackedCheck.run(dir.resolve("out"), 2).problems());
  }

  private static void assertListed(Map<String, String> want, List<Passport.Odd> got) {
    Map<String, String> names = new TreeMap<>();
    for (Passport.Odd file : got) {
      String reason = want.get(file.name());
      boolean begins = reason != null && file.reason().startsWith(reason);
      names.put(file.name(), begins ? reason : file.reason());
    }
    assertEquals(want, names);
    assertEquals(want.size(), got.size(), "each once");
  }

  @Test
  void exifIsHonouredOnRequest() throws IOException {
    for (int o = 1; o <= 8; o++) {
      String name = "exif-" + o + ".JPEG";
      Fixture fixture = FIXTURES.stream().filter(f -> f.name().equals(name)).findFirst().get();
      ImageDecoder decoder = ImageDecoder.ofThread();
      decoder.decode(fixture.content().clone(), name);
      decoder.turnUpright();
      int[][] corners = new int[4][];
      for (int corner = 0; corner < 4; corner++) {
        corners[corner] = Pictures.COLOURS[FixtureFiles.UPRIGHT[o - 1][corner]];
      }
      assertEquals(null, fault(fixture, corners));
      assertEquals(o > 4 ? Pictures.HEIGHT : Pictures.WIDTH, decoder.width());
    }
  }

  @Test
  void thePassportSaysWhetherExifWasHonoured() throws IOException {
    Path images = dir.resolve("images");
    for (String folder : List.of("a", "b")) {
      Files.createDirectories(images.resolve(folder));
      byte[] file =
          FIXTURES.stream().filter(f -> f.name().equals("exif-3.JPEG")).findFirst().get().content();
      Files.write(images.resolve(folder).resolve("x.JPEG"), file);
    }
    for (boolean upright : new boolean[] {false, true}) {
      PrepareOptions options =
          new PrepareOptions(32, 0, upright, Damaged.FAIL, false, Optional.empty(), 16, 1);
      Path out = dir.resolve("out-" + upright);
      Passport passport =
          Preparation.run(images, out, options, new Preparation.Listener() {}).orElseThrow();
      String word = upright ? "honoured" : "ignored";
      assertEquals(word, passport.exif());
      assertEquals(
          "EXIF orientation 3, " + word, passport.parts().get("train").odd().get(0).reason());
      try (Dataset set = Datasets.open(out, DataOptions.train().withSource(32))) {
        byte[] rgb = PreparedSets.read(set, 0); // the middle square: two halves of each colour
        int[] topLeft = Pictures.COLOURS[upright ? 3 : 0];
        for (int c = 0; c < 3; c++) {
          assertEquals(topLeft[c], rgb[3 * (4 * 32 + 4) + c] & 255, 4);
        }
      }
    }
  }
}
