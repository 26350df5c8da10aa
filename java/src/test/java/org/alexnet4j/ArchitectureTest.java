package org.alexnet4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Holds the lines of docs/architecture.md: imports run one way. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.alexnet4j");

  private static String in(String name) {
    return "org.alexnet4j." + name + "..";
  }

  @Test
  void shapesKnowNothing() {
    noClasses()
        .that()
        .resideInAPackage(in("shape"))
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(in("shape"), "java..")
        .check(CLASSES);
  }

  @Test
  void networksAreDescriptions() {
    noClasses()
        .that()
        .resideInAPackage(in("net"))
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(in("net"), in("shape"), "java..", "com.google.common..")
        .check(CLASSES);
  }

  @Test
  void plansKnowNoDevice() {
    noClasses()
        .that()
        .resideInAPackage(in("plan"))
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            in("plan"), in("net"), in("shape"), "java..", "com.google.common..")
        .check(CLASSES);
  }

  @Test
  void dataKnowNoNetworkAndNoDevice() {
    noClasses()
        .that()
        .resideInAPackage(in("data"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            in("bindings"),
            in("device"),
            in("engine"),
            in("net"),
            in("plan"),
            in("tower"),
            in("train"),
            in("eval"),
            in("report"),
            in("cli"),
            in("config"))
        .check(CLASSES);
  }

  @Test
  void filesKnowNoNetwork() {
    noClasses()
        .that()
        .resideInAPackage(in("io"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            in("bindings"),
            in("device"),
            in("engine"),
            in("net"),
            in("plan"),
            in("tower"),
            in("train"),
            in("eval"),
            in("report"),
            in("cli"),
            in("config"),
            in("data"))
        .check(CLASSES);
  }

  @Test
  void enginesKnowNoNetwork() {
    noClasses()
        .that()
        .resideInAnyPackage(in("engine"), in("device"), in("bindings"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            in("net"),
            in("plan"),
            in("tower"),
            in("train"),
            in("eval"),
            in("data"),
            in("io"),
            in("report"),
            in("cli"),
            in("config"))
        .check(CLASSES);
  }

  @Test
  void towersKnowNoTraining() {
    noClasses()
        .that()
        .resideInAPackage(in("tower"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            in("train"), in("eval"), in("data"), in("report"), in("cli"), in("config"))
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLineKnowsTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(in("cli"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(in("cli"))
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLineAsksTheDoctor() {
    noClasses()
        .that()
        .resideOutsideOfPackages(in("doctor"), in("cli"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(in("doctor"))
        .check(CLASSES);
  }

  @Test
  void nativePointersStayBehindDevicesAndEngines() {
    classes()
        .that()
        .resideOutsideOfPackages(in("bindings"), in("device"), in("engine"))
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("org.bytedeco..", in("bindings"))
        .check(CLASSES);
  }
}
