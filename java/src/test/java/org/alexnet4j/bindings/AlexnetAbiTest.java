package org.alexnet4j.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the binding class, and the engine that calls it, against {@code alexnet.h}. */
class AlexnetAbiTest {
  private static final Pattern FUNCTION =
      Pattern.compile("^ALEXNET_API [^(]*\\b(alexnet_[a-z_]+)\\(", Pattern.MULTILINE);

  @Test
  void everyFunctionHasItsMethod() throws IOException {
    Set<String> bound =
        Arrays.stream(AlexnetAbi.class.getDeclaredMethods())
            .filter(method -> Modifier.isNative(method.getModifiers()))
            .map(Method::getName)
            .filter(name -> name.startsWith("alexnet_"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(functions(header()), bound);
  }

  @Test
  void everyOperationIsCalledByTheKernelEngine() throws IOException {
    String header = header();
    Set<String> operations = functions(header.substring(header.indexOf("// ---- operations")));
    String engine =
        Files.readString(Path.of("src/main/java/org/alexnet4j/engine/KernelEngine.java"));
    for (String operation : operations) {
      assertTrue(engine.contains("." + operation + "("), operation + " is not in KernelEngine");
    }
  }

  private static String header() throws IOException {
    return Files.readString(Path.of("../native/include/alexnet.h"));
  }

  private static Set<String> functions(String header) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = FUNCTION.matcher(header);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }
}
