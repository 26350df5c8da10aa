package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.alexnet4j.config.ConfigException;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.Settings;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.run.ScheduleState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The early end of a run: after how many epochs, by which losses. */
class StopTest {
  private static Configuration configuration(String... settings) {
    return ConfigReader.preset("paper-2012", Settings.of(List.of(settings)));
  }

  private static TrainingSpec spec(int patience, String minimum) {
    return configuration("training.stop={patience: " + patience + ", minimum: " + minimum + "}")
        .training();
  }

  /** Returns after how many of these losses a run ends; 0: not. */
  private static int ends(TrainingSpec spec, double... losses) {
    ScheduleState state = ScheduleState.START;
    for (int epoch = 0; epoch < losses.length; epoch++) {
      Schedule schedule = new Schedule(spec, state); // as if every epoch were resumed
      schedule.epochEnded(epoch, new Schedule.HeldOut(0.5, losses[epoch]));
      state = schedule.state();
      if (schedule.isOver(epoch + 1)) {
        assertTrue(schedule.stopped().isPresent());
        return epoch + 1;
      }
    }
    return 0;
  }

  @Test
  void patienceCountsEpochsWithoutANewLowestLoss() {
    assertEquals(5, ends(spec(2, "0"), 3, 2, 1, 1, 1, 0.5));
    assertEquals(0, ends(spec(2, "0"), 3, 2, 2.5, 1.9, 2, 1.8, 1.9));
    assertEquals(4, ends(spec(3, "0"), 1, 2, Double.NaN, 3));
    assertEquals(2, ends(spec(1, "0"), 1, 1));
    assertEquals(0, ends(configuration().training(), 1, 1, 1, 1, 1, 1));
  }

  /** Falls of less than 0.1 add up against the lowest loss, and count once they are enough. */
  @Test
  void smallFallsCountOnceTheyAreEnough() {
    assertEquals(3, ends(spec(2, "0.1"), 1, 0.95, 0.91, 0.7));
    assertEquals(0, ends(spec(2, "0.1"), 1, 0.95, 0.89, 0.85, 0.78));
  }

  @Test
  void theReasonSaysWhat() {
    Schedule schedule = new Schedule(spec(1, "0.25"), ScheduleState.START);
    schedule.epochEnded(0, new Schedule.HeldOut(0.5, 2));
    schedule.epochEnded(1, new Schedule.HeldOut(0.5, 1.9));
    assertEquals(
        "the held-out loss has not come by 0.25 below 2.0 for 1 epoch",
        schedule.stopped().orElseThrow());
  }

  @Test
  void itIsWrittenAsItIsRead() {
    Configuration read = configuration("training.stop={patience: 3, minimum: 0.01}");
    assertTrue(ConfigWriter.write(read).contains("  stop: {patience: 3, minimum: 0.01}\n"));
    assertEquals(read, ConfigReader.text("again", ConfigWriter.write(read)));
    assertEquals(
        configuration(),
        ConfigReader.changed("it", read, Settings.of(List.of("training.stop=off"))));
    assertEquals(7, read.training().withEpochs(7).stop().isPresent() ? 7 : 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{patience: 0} | training.stop.patience is 0; allowed: a whole number, 1 or more",
        "{patience: 2, minimum: -1} | training.stop.minimum is -1; allowed: 0 or more",
        "{patience: 2, minimun: 1} | training.stop.minimun is no known key; did you mean 'minimum'?",
        "{minimum: 1} | training.stop lacks the key 'patience'",
        "no | training.stop is 'no'; did you mean 'off'?",
        "{patience: 89} | training.stop has no effect: a patience of 89 is over after 90 epochs at the earliest",
      })
  void mistakesAreNamed(String stop, String text) {
    String message =
        assertThrows(ConfigException.class, () -> configuration("training.stop=" + stop))
            .getMessage();
    assertTrue(message.contains(text), message);
  }
}
