package org.alexnet4j.cli.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks what {@code kernels new} writes; that it builds is tried by family-trials. */
class KernelTemplateTest {
  @TempDir Path home;

  @BeforeEach
  void copyTemplate() throws IOException {
    Path template = Files.createDirectories(home.resolve("kernels/common/template"));
    try (var files = Files.list(Path.of("../kernels/common/template"))) {
      for (Path file : files.toList()) {
        Files.copy(file, template.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void everyFileAndNameIsTheFamilys() throws IOException {
    List<Path> written = new KernelTemplate(home).write("leaky_relu");
    assertEquals(
        List.of(
            "leaky_relu.cu",
            "leaky_relu.h",
            "leaky_relu_check.cpp",
            "leaky_relu_reference.cpp",
            "leaky_relu_vector_cpu.cpp"),
        written.stream().map(file -> file.getFileName().toString()).toList());
    for (Path file : written) {
      String text = Files.readString(file);
      assertFalse(text.toLowerCase(Locale.ROOT).contains("square"), text);
      assertTrue(text.contains("LeakyReluShape"), text);
    }
    assertTrue(Files.readString(written.get(1)).contains("#ifndef ALEXNET_LEAKY_RELU_H"));
  }

  /** A layer by its skeleton: Java's compiler finds nothing missing, C++'s neither. */
  @Test
  void aLayerCompilesWhereverItIsKnown() throws Exception {
    String like = "relu";
    copy("kernels", "native", "java/src/main/java");
    List<Path> written = new KernelTemplate(home).write("soft_sign", like);
    assertEquals(List.of("soft_sign"), formulasMissing());
    assertTrue(read("config/LayerReader.java").contains("\"soft_sign\","));
    assertTrue(read("config/ConfigWriter.java").contains("return \"type: soft_sign\";"));
    assertTrue(read("plan/Neuron.java").contains("SOFT_SIGN(Operation.SoftSignFprop::new, "));
    assertTrue(read("tower/Binder.java").contains("engine.softSignBprop(compute, o.count(), "));
    assertTrue(read("bindings/AlexnetAbi.java").contains("int alexnet_soft_sign_fprop("));
    compileJava();
    for (Path file : written) {
      if (file.toString().endsWith(".cpp") && !file.toString().endsWith("_cpu.cpp")) {
        compileNative(file);
      }
    }

    String before = read("plan/Planner.java");
    assertThrows(CommandException.class, () -> new KernelTemplate(home).write("soft_sign", like));
    assertThrows(CommandException.class, () -> new KernelTemplate(home).write("hinge", "conv"));
    assertEquals(before, read("plan/Planner.java"));
  }

  private void copy(String... folders) throws IOException {
    for (String folder : folders) {
      Path from = Path.of("..").resolve(folder);
      try (var files = Files.walk(from)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path to = home.resolve(folder).resolve(from.relativize(file));
          Files.createDirectories(to.getParent());
          Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private String read(String file) throws IOException {
    return Files.readString(home.resolve("java/src/main/java/org/alexnet4j").resolve(file));
  }

  /** Returns the families whose cases have a test that fails until a formula is written. */
  private List<String> formulasMissing() throws IOException {
    try (var files = Files.walk(home.resolve("kernels"))) {
      List<String> families = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith("_check.cpp")).toList()) {
        if (Files.readString(file).contains("_has_its_own_formula)")) {
          families.add(file.getParent().getFileName().toString());
        }
      }
      return families;
    }
  }

  private void compileJava() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (var manager = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
        var sources = Files.walk(home.resolve("java/src/main/java"))) {
      List<Path> java = sources.filter(file -> file.toString().endsWith(".java")).toList();
      Path classes = Files.createDirectories(home.resolve("classes"));
      List<String> options =
          List.of("-d", classes.toString(), "-proc:none", "-nowarn", "--release", "17");
      boolean compiled =
          compiler
              .getTask(
                  said, manager, null, options, null, manager.getJavaFileObjectsFromPaths(java))
              .call();
      assertTrue(compiled, said.toString());
    }
  }

  private void compileNative(Path file) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("g++", "-std=c++17", "-fsyntax-only", "-Wall", "-Wextra"));
    for (String folder : List.of("native", "native/include", "kernels", "kernels/common")) {
      command.add("-I" + home.resolve(folder));
    }
    command.add(file.toString());
    Path log = home.resolve("g++.log");
    int code =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    assertEquals(0, code, Files.readString(log));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Relu", "1relu", "a__b", "a_", "../x", "a b", "a\u001b", "é", "switch"})
  void whatIsNoNameIsRefused(String name) {
    CommandException e =
        assertThrows(CommandException.class, () -> new KernelTemplate(home).write(name));
    assertEquals(ExitCode.USAGE, e.code());
    assertTrue(e.getMessage().contains("is no name for a family"), e.getMessage());
    assertFalse(e.getMessage().contains("\u001b"), e.getMessage());
  }

  @Test
  void aFamilyThatExistsIsKept() throws IOException {
    new KernelTemplate(home).write("twice");
    CommandException e =
        assertThrows(CommandException.class, () -> new KernelTemplate(home).write("twice"));
    assertTrue(e.getMessage().contains("exists already"), e.getMessage());
  }

  @Test
  void withoutASourceTreeItSaysSo() {
    CommandException e =
        assertThrows(
            CommandException.class, () -> new KernelTemplate(home.resolve("none")).write("twice"));
    assertTrue(e.getMessage().contains("source tree"), e.getMessage());
  }
}
