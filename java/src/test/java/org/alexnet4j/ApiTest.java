package org.alexnet4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.DocumentationTool;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs may use changes only when somebody says so, and all of it is described. */
class ApiTest {
  private static final Path BASE = Path.of(System.getProperty("basedir", "."));
  private static final Path KNOWN = BASE.resolve("src/test/resources/api.txt");

  /**
   * Types that are no API and stand in its signatures all the same: the processes that the command
   * line starts, and what our own packages ask of a plan and of towers.
   */
  private static final Set<String> TOLD =
      Set.of(
          "plan.ParameterSpec in plan.TensorSpec",
          "plan.TowerPlan in plan.Plan",
          "ranks.Ranks in tower.TowerOptions",
          "ranks.Ranks in tower.Towers",
          "ranks.Ranks in train.RunOptions",
          "tower.image.ImageMemory in tower.Towers",
          "tower.link.Link in tower.Towers");

  private static final Set<String> OF_OBJECT = Set.of("equals", "hashCode", "toString");

  @TempDir private Path folder;

  @Test
  void signaturesAreTheKnownOnes() throws IOException {
    List<String> now = signatures();
    List<String> known = Files.exists(KNOWN) ? Files.readAllLines(KNOWN) : List.of();
    if (now.equals(known)) {
      return;
    }
    Path written = BASE.resolve("target/api.txt");
    Files.write(written, now);
    List<String> changes = new ArrayList<>();
    minus(known, now).forEach(line -> changes.add("- " + line));
    minus(now, known).forEach(line -> changes.add("+ " + line));
    fail(
        "the API is not that of java/src/test/resources/api.txt:\n"
            + String.join("\n", changes)
            + "\nIf that is meant, say it in CHANGELOG.md, then:"
            + " cp java/target/api.txt java/src/test/resources/api.txt");
  }

  private static List<String> minus(List<String> lines, List<String> others) {
    Set<String> known = new HashSet<>(others);
    return lines.stream().filter(line -> !known.contains(line)).toList();
  }

  @Test
  void signaturesNameOnlyWhatProgramsMayUse() throws IOException {
    Set<Class<?>> api = new HashSet<>(Api.types());
    Set<String> others = new TreeSet<>();
    for (Class<?> type : api) {
      for (Class<?> named : named(type)) {
        if (named.getName().startsWith(Api.ROOT) && !api.contains(named)) {
          others.add(shortened(named.getName()) + " in " + shortened(type.getName()));
        }
      }
    }
    assertEquals(new TreeSet<>(TOLD), others);
  }

  /**
   * As {@code javadoc -Xdoclint:all} of these packages, which shows what is API and nothing else; a
   * release fails by the same.
   */
  @Test
  void everythingIsDescribed() throws IOException {
    DocumentationTool javadoc = ToolProvider.getSystemDocumentationTool();
    assumeTrue(javadoc != null, "this Java has no javadoc");
    List<Path> files = new ArrayList<>();
    for (String name : Api.packages()) {
      try (Stream<Path> list = Files.list(Api.SOURCES.resolve(name.replace('.', '/')))) {
        list.filter(file -> file.toString().endsWith(".java")).sorted().forEach(files::add);
      }
    }
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    try (StandardJavaFileManager manager =
        javadoc.getStandardFileManager(said, Locale.ROOT, null)) {
      manager.setLocationFromPaths(
          DocumentationTool.Location.DOCUMENTATION_OUTPUT, List.of(folder));
      manager.setLocationFromPaths(
          StandardLocation.SOURCE_PATH, List.of(BASE.resolve("src/main/java")));
      javadoc
          .getTask(
              null,
              manager,
              said,
              null,
              List.of("-Xdoclint:all", "-Xmaxwarns", "1000", "-Xmaxerrs", "1000", "-quiet"),
              manager.getJavaFileObjectsFromPaths(files))
          .call();
    }
    assertEquals(
        "",
        said.getDiagnostics().stream()
            .filter(one -> one.getKind() != Diagnostic.Kind.NOTE && one.getSource() != null)
            .map(
                one ->
                    Api.SOURCES.getParent().relativize(Path.of(one.getSource().toUri().getPath()))
                        + ":"
                        + one.getLineNumber()
                        + ": "
                        + one.getMessage(Locale.ROOT))
            .collect(Collectors.joining("\n")));
    assertEquals(
        Api.types().stream()
            .map(type -> type.getName().replace('.', '/').replace('$', '.'))
            .collect(Collectors.toCollection(TreeSet::new)),
        pages());
  }

  /** The types that javadoc has a page of. */
  private TreeSet<String> pages() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("org"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("[A-Z].*\\.html"))
          .map(file -> folder.relativize(file).toString().replaceFirst("\\.html$", ""))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  // ---- signatures ------------------------------------------------------------------------------

  private static List<String> signatures() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Class<?> type : Api.types()) {
      String name = shortened(type.getName());
      lines.add(declaration(type) + above(type));
      List<String> members = new ArrayList<>();
      if (type.isRecord()) {
        members.add(
            Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.joining(", ", "components ", "")));
      }
      for (Field field : type.getDeclaredFields()) {
        if (Api.isVisible(field.getModifiers())) {
          members.add(member(type, field.toGenericString()));
        }
      }
      for (Constructor<?> one : type.getDeclaredConstructors()) {
        if (Api.isVisible(one.getModifiers())) {
          members.add(member(type, one.toGenericString()));
        }
      }
      for (Method method : type.getDeclaredMethods()) {
        if (Api.isVisible(method.getModifiers())
            && !method.isSynthetic()
            && !OF_OBJECT.contains(method.getName())) {
          members.add(member(type, method.toGenericString()));
        }
      }
      members.stream().sorted().forEach(member -> lines.add(name + ": " + member));
    }
    return lines;
  }

  /** Java 17 does not say itself that a type is sealed. */
  private static String declaration(Class<?> type) {
    String text = shortened(type.toGenericString()).replaceAll("\\b(non-)?sealed ", "");
    return type.isSealed() ? "sealed " + text : text;
  }

  /** Without the name of the type that has it, which stands in front of the line. */
  private static String member(Class<?> type, String text) {
    return shortened(text.replace(" " + type.getName() + ".", " ").replaceFirst("^public ", ""));
  }

  private static String above(Class<?> type) {
    List<String> names = new ArrayList<>();
    if (type.getGenericSuperclass() != null && !type.isEnum() && !type.isRecord()) {
      names.add(shortened(type.getGenericSuperclass().getTypeName()));
    }
    for (Type one : type.getGenericInterfaces()) {
      names.add(shortened(one.getTypeName()));
    }
    names.remove("Object");
    return names.isEmpty() ? "" : " : " + String.join(", ", names);
  }

  private static String shortened(String text) {
    return text.replace(Api.ROOT, "")
        .replace("com.google.common.collect.", "")
        .replaceAll("\\bjava\\.(lang|util|nio\\.file|io)\\.", "");
  }

  // ---- types that a type's signatures name -----------------------------------------------------

  private static Set<Class<?>> named(Class<?> type) {
    Set<Class<?>> found = new HashSet<>();
    add(type.getGenericSuperclass(), found);
    Arrays.stream(type.getGenericInterfaces()).forEach(one -> add(one, found));
    for (Field field : type.getDeclaredFields()) {
      if (Api.isVisible(field.getModifiers())) {
        add(field.getGenericType(), found);
      }
    }
    Stream.concat(
            Arrays.stream(type.getDeclaredConstructors()), Arrays.stream(type.getDeclaredMethods()))
        .filter(one -> Api.isVisible(one.getModifiers()) && !one.isSynthetic())
        .forEach(one -> addSignature(one, found));
    return found;
  }

  private static void addSignature(Executable one, Set<Class<?>> to) {
    if (one instanceof Method method) {
      add(method.getGenericReturnType(), to);
    }
    Arrays.stream(one.getGenericParameterTypes()).forEach(type -> add(type, to));
    Arrays.stream(one.getGenericExceptionTypes()).forEach(type -> add(type, to));
  }

  private static void add(Type type, Set<Class<?>> to) {
    if (type instanceof Class<?> plain) {
      to.add(plain.isArray() ? innermost(plain) : plain);
    } else if (type instanceof ParameterizedType with) {
      add(with.getRawType(), to);
      Arrays.stream(with.getActualTypeArguments()).forEach(one -> add(one, to));
    } else if (type instanceof GenericArrayType array) {
      add(array.getGenericComponentType(), to);
    } else if (type instanceof WildcardType wildcard) {
      Arrays.stream(wildcard.getUpperBounds()).forEach(one -> add(one, to));
      Arrays.stream(wildcard.getLowerBounds()).forEach(one -> add(one, to));
    }
  }

  private static Class<?> innermost(Class<?> array) {
    Class<?> type = array;
    while (type.isArray()) {
      type = type.getComponentType();
    }
    return type;
  }
}
