package org.alexnet4j.cli.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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

  @ParameterizedTest
  @ValueSource(strings = {"", "Relu", "1relu", "a__b", "a_", "../x", "a b", "a\u001b", "é"})
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
