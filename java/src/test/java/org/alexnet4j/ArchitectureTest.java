package org.alexnet4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the lines of docs/architecture.md: imports run one way. */
class ArchitectureTest {
  private static final String ROOT = Api.ROOT;
  private static final int MOST_FILES = 34;
  private static final Path SOURCES = Api.SOURCES;

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.alexnet4j");

  /**
   * Which packages a package may know beside itself. A line names only packages of lines above it,
   * so that none knows another in a circle.
   */
  private static final String MAY_KNOW =
      """
      io                                     :
      text                                   :
      shape                                  :
      bindings                               :
      device                                 : bindings shape text
      engine                                 : bindings device shape
      ranks                                  : device shape text
      bench                                  : device engine shape
      net                                    : shape text
      plan                                   : net shape
      plan.cost                              : plan shape
      config                                 : io net shape text
      data.message                           : io
      data.image                             : data.message
      data.archive                           : data.message data.image io
      data.folder                            : data.message data.archive io
      data.packed                            : data.message data.image data.archive io
      data                                   : data.message data.image data.archive data.folder data.packed io
      data.prepare                           : data.message data.image data.archive data.folder data.packed data io
      tower.link                             : device engine ranks shape text
      tower.image                            : device
      tower.time                             : net plan
      tower                                  : device engine io net plan plan.cost ranks shape tower.image tower.link tower.time
      run                                    : io plan tower
      eval                                   : config data data.message device io net plan run tower tower.image
      train                                  : config data data.message device eval io net plan ranks run shape tower tower.link tower.time
      foreign.file                           : io
      foreign                                : config device eval foreign.file io net plan run shape tower
      report                                 : config io net plan plan.cost run shape text tower.time
      doctor                                 : data device engine io report tower.link
      cli.console                            : config data.message device io report run text tower
      cli.option                             : cli.console config data data.message device engine io net run shape text
      cli.data                               : cli.console cli.option config data data.message data.packed data.prepare device engine net report shape train
      cli.kernels                            : bench cli.console cli.option device engine io ranks report text tower tower.link
      cli.foreign                            : cli.console cli.option config eval foreign foreign.file io net report run
      experiment                             : config io net report run
      cli.run                                : bench cli.console cli.option config data data.message device eval experiment io net plan plan.cost ranks report run shape text tower tower.time train
      cli                                    : cli.console cli.data cli.foreign cli.kernels cli.run device doctor io ranks report text tower
      """;

  private static Map<String, Set<String>> mayKnow() {
    Map<String, Set<String>> table = new TreeMap<>();
    for (String line : MAY_KNOW.lines().toList()) {
      String[] sides = line.split(":", -1);
      table.put(sides[0].strip(), words(sides[1]));
    }
    return table;
  }

  private static Set<String> words(String text) {
    return Stream.of(text.strip().split(" +"))
        .filter(word -> !word.isEmpty())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  static Set<String> packages() {
    return CLASSES.stream()
        .map(JavaClass::getPackageName)
        .map(name -> name.substring(ROOT.length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String[] ours(Set<String> names) {
    return names.stream().map(name -> ROOT + name).toArray(String[]::new);
  }

  @Test
  void everyPackageIsInTheTable() {
    assertEquals(packages(), mayKnow().keySet());
  }

  @Test
  void linesOfTheTableNameLinesAboveThem() {
    Set<String> above = new HashSet<>();
    for (String line : MAY_KNOW.lines().toList()) {
      Set<String> known = words(line.split(":", -1)[1]);
      known.removeAll(above);
      assertEquals(Set.of(), known, line);
      above.add(line.split(":", -1)[0].strip());
    }
  }

  /** It may not allow what nothing needs either, or it would hide the next dependency. */
  @ParameterizedTest
  @MethodSource("packages")
  void aPackageKnowsWhatItsLineSays(String name) {
    Map<String, String> known = new TreeMap<>(); // with one of the places that know it
    for (JavaClass one : CLASSES) {
      if (one.getPackageName().equals(ROOT + name)) {
        for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
          String other = dependency.getTargetClass().getBaseComponentType().getPackageName();
          if (other.startsWith(ROOT) && !other.equals(ROOT + name)) {
            known.put(other.substring(ROOT.length()), dependency.getDescription());
          }
        }
      }
    }
    assertEquals(mayKnow().get(name), known.keySet(), () -> String.join("\n", known.values()));
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(CLASSES);
    slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void descriptionsNeedNoLibraryButGuava() {
    classes()
        .that()
        .resideInAnyPackage(ours(Set.of("shape", "net", "plan")))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("org.alexnet4j..", "java..", "com.google.common..")
        .check(CLASSES);
  }

  @Test
  void nativePointersStayBehindDevicesAndEngines() {
    classes()
        .that()
        .resideOutsideOfPackages(ours(Set.of("bindings", "device", "engine")))
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("org.bytedeco..", ROOT + "bindings")
        .check(CLASSES);
  }

  /** Options of a command line are read where commands are. */
  @Test
  void onlyTheCommandLineNeedsPicocli() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(CLASSES);
  }

  @Test
  void packagesAreSmallAndSayWhatTheyAre() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (String name : packages()) {
      Path folder = SOURCES.resolve(name.replace('.', '/'));
      try (Stream<Path> files = Files.list(folder)) {
        long count = files.filter(file -> file.toString().endsWith(".java")).count();
        if (count > MOST_FILES) {
          wrong.add(name + " has " + count + " files");
        }
      }
      if (!Files.exists(folder.resolve("package-info.java"))) {
        wrong.add(name + " has no package-info.java");
      }
    }
    assertEquals(List.of(), wrong);
  }

  /** Which packages are for programs each says itself; a release documents these and no other. */
  @Test
  void packagesAreApiOrInternal() throws IOException {
    Set<String> internal = new TreeSet<>();
    List<String> wrong = new ArrayList<>();
    for (String name : packages()) {
      String first = Api.description(SOURCES.resolve(name.replace('.', '/')));
      if (first.startsWith("Internal")) {
        internal.add(name);
      } else if (!first.startsWith("API: ")) {
        wrong.add(name);
      }
    }
    assertEquals(List.of(), wrong, "descriptions that begin with neither API nor Internal");
    String pom = Files.readString(Path.of(System.getProperty("basedir", "."), "pom.xml"));
    String excluded = pom.split("</?excludePackageNames>")[1];
    assertEquals(
        internal.stream().map(name -> ROOT + name).collect(Collectors.joining(":")), excluded);
  }
}
