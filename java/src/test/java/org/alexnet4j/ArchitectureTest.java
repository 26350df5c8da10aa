package org.alexnet4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Holds the lines of docs/architecture.md: imports run one way. */
@AnalyzeClasses(packages = "org.alexnet4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static String in(String name) {
    return "org.alexnet4j." + name + "..";
  }

  @ArchTest
  static final ArchRule shapesKnowNothing =
      noClasses()
          .that()
          .resideInAPackage(in("shape"))
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(in("shape"), "java..");

  @ArchTest
  static final ArchRule networksAreDescriptions =
      noClasses()
          .that()
          .resideInAPackage(in("net"))
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(in("net"), in("shape"), "java..", "com.google.common..");

  @ArchTest
  static final ArchRule plansKnowNoDevice =
      noClasses()
          .that()
          .resideInAPackage(in("plan"))
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              in("plan"), in("net"), in("shape"), "java..", "com.google.common..");

  @ArchTest
  static final ArchRule dataKnowNoNetworkAndNoDevice =
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
              in("config"));

  @ArchTest
  static final ArchRule filesKnowNoNetwork =
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
              in("data"));

  @ArchTest
  static final ArchRule enginesKnowNoNetwork =
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
              in("config"));

  @ArchTest
  static final ArchRule towersKnowNoTraining =
      noClasses()
          .that()
          .resideInAPackage(in("tower"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              in("train"), in("eval"), in("data"), in("report"), in("cli"), in("config"));

  @ArchTest
  static final ArchRule onlyTheCommandLineKnowsTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackage(in("cli"))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(in("cli"));

  @ArchTest
  static final ArchRule nativePointersStayBehindDevicesAndEngines =
      classes()
          .that()
          .resideOutsideOfPackages(in("bindings"), in("device"), in("engine"))
          .should()
          .onlyDependOnClassesThat()
          .resideOutsideOfPackages("org.bytedeco..", in("bindings"));
}
