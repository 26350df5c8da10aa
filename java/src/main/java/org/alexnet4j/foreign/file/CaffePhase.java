package org.alexnet4j.foreign.file;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.alexnet4j.foreign.file.ProtoText.Field;
import org.alexnet4j.io.FormatException;

/**
 * Which layers of a prototxt there are when it predicts: phase TEST, level and stages as the
 * network states them in {@code state}.
 */
final class CaffePhase {
  private static final Set<String> RULE =
      Set.of("phase", "min_level", "max_level", "stage", "not_stage");

  private final Set<String> stages = new HashSet<>();
  private int level;

  /** Reads a network's state; its phase is that of training it, and not asked for. */
  static CaffePhase of(ProtoText net) throws FormatException {
    CaffePhase phase = new CaffePhase();
    for (Field state : net.one("state").stream().toList()) {
      for (Field field : state.message().fields()) {
        switch (field.name()) {
          case "phase" -> phaseOf(field);
          case "level" -> phase.level = level(field);
          case "stage" -> phase.stages.add(field.string());
          default -> throw field.refused("is not known; allowed: phase, level, stage");
        }
      }
    }
    return phase;
  }

  /** Returns whether a layer takes part. */
  boolean has(ProtoText layer) throws FormatException {
    List<Field> include = layer.all("include");
    List<Field> exclude = layer.all("exclude");
    if (!include.isEmpty() && !exclude.isEmpty()) {
      throw exclude.get(0).refused("stands beside include; allowed: one of the two");
    }
    boolean any = false;
    for (Field rule : include.isEmpty() ? exclude : include) {
      any |= isMet(rule); // every rule is read
    }
    return include.isEmpty() ? !any : any;
  }

  private boolean isMet(Field rule) throws FormatException {
    boolean met = true;
    for (Field field : rule.message().fields()) {
      if (!RULE.contains(field.name())) {
        throw field.refused("is not known; allowed: phase, min_level, max_level, stage, not_stage");
      }
      met &=
          switch (field.name()) {
            case "phase" -> phaseOf(field).equals("TEST");
            case "min_level" -> level >= level(field);
            case "max_level" -> level <= level(field);
            case "stage" -> stages.contains(field.string());
            default -> !stages.contains(field.string());
          };
    }
    return met;
  }

  private static String phaseOf(Field field) throws FormatException {
    boolean number = field.kind() == ProtoText.Kind.NUMBER;
    String phase = number ? (field.count() == 1 ? "TEST" : "TRAIN") : field.word();
    if (!phase.equals("TEST") && !phase.equals("TRAIN") || number && field.count() > 1) {
      throw field.refused("is " + field.text() + "; allowed: TRAIN, TEST");
    }
    return phase;
  }

  private static int level(Field field) throws FormatException {
    if (field.kind() != ProtoText.Kind.NUMBER || !field.text().matches("-?[0-9]{1,9}")) {
      throw field.refused("is " + field.text() + "; allowed: a whole number");
    }
    return Integer.parseInt(field.text());
  }
}
