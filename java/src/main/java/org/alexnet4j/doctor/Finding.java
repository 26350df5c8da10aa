package org.alexnet4j.doctor;

/**
 * One thing that was looked at.
 *
 * @param level how bad it is
 * @param subject what it is about, one word
 * @param text what was found
 * @param remedy what to do about it; empty where there is nothing to do
 */
public record Finding(Level level, String subject, String text, String remedy) {
  /** How bad a finding is. */
  public enum Level {
    /** As it should be. */
    OK,
    /** Worth knowing; everything works, though something may be slow or be left out. */
    NOTE,
    /** Something does not work. */
    PROBLEM
  }

  static Finding ok(String subject, String text) {
    return new Finding(Level.OK, subject, text, "");
  }

  static Finding note(String subject, String text, String remedy) {
    return new Finding(Level.NOTE, subject, text, remedy);
  }

  static Finding problem(String subject, String text, String remedy) {
    return new Finding(Level.PROBLEM, subject, text, remedy);
  }
}
