package org.alexnet4j;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What programs may use, as the sources say it: packages whose description begins with API, and of
 * them the public types whose comment has no {@code @hidden}.
 */
final class Api {
  static final String ROOT = "org.alexnet4j.";
  static final Path SOURCES =
      Path.of(System.getProperty("basedir", ".")).resolve("src/main/java/org/alexnet4j");

  private Api() {}

  /** How the description of a package begins. */
  static String description(Path folder) throws IOException {
    String text = Files.readString(folder.resolve("package-info.java"));
    return text.substring(text.indexOf("/**") + 3).replaceFirst("^[\\s*]+", "");
  }

  /** The packages, without the root's name, as in {@code tower.time}. */
  static TreeSet<String> packages() throws IOException {
    TreeSet<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.endsWith("package-info.java")
            && description(file.getParent()).startsWith("API: ")) {
          found.add(SOURCES.relativize(file.getParent()).toString().replace('/', '.'));
        }
      }
    }
    return found;
  }

  /** All types, nested ones too, in the order of their names. */
  static List<Class<?>> types() throws IOException {
    List<Class<?>> found = new ArrayList<>();
    for (String name : packages()) {
      try (Stream<Path> files = Files.list(SOURCES.resolve(name.replace('.', '/')))) {
        for (Path file : files.sorted().toList()) {
          String simple = file.getFileName().toString().replaceFirst("\\.java$", "");
          if (Files.isRegularFile(file)
              && !simple.equals("package-info")
              && Files.readAllLines(file).stream().noneMatch(" * @hidden"::equals)) {
            add(load(ROOT + name + "." + simple), found);
          }
        }
      }
    }
    return found;
  }

  private static void add(Class<?> type, List<Class<?>> to) {
    if (isVisible(type.getModifiers())) {
      to.add(type);
      Class<?>[] nested = type.getDeclaredClasses();
      Arrays.sort(nested, (a, b) -> a.getName().compareTo(b.getName()));
      for (Class<?> one : nested) {
        add(one, to);
      }
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, Api.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether a program in another package can name a type or member. */
  static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }
}
