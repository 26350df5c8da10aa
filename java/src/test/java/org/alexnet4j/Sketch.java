package org.alexnet4j;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.alexnet4j.cli.Main;

/** A program that a document shows, as the body of a method that knows the packages for users. */
final class Sketch {
  private Sketch() {}

  /** Compiles it into a folder; fails with the compiler's messages. */
  static void compile(String body, Path classes) throws Exception {
    String imports =
        Stream.of("config", "data", "device", "eval", "plan", "run", "tower", "train")
            .map(name -> "import org.alexnet4j." + name + ".*;\n")
            .collect(
                Collectors.joining(
                    "",
                    "import java.io.File;\nimport java.nio.file.Path;\nimport java.util.List;\n"
                        + "import javax.imageio.ImageIO;\n",
                    ""));
    String source =
        imports
            + "public class Sketch { public static void run(long seed) throws Exception {\n"
            + body
            + "} }\n";
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Sketch.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreErrors) {
            return source;
          }
        };
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> messages = new DiagnosticCollector<>();
    String path =
        Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            + File.pathSeparator
            + System.getProperty("java.class.path");
    List<String> options = List.of("-d", classes.toString(), "-proc:none", "-classpath", path);
    boolean compiles = compiler.getTask(null, null, messages, options, null, List.of(file)).call();
    assertTrue(compiles, () -> messages.getDiagnostics().toString());
  }

  /** Runs what {@link #compile} has left in a folder. */
  static void run(Path classes) throws Exception {
    URL[] folder = {classes.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(folder, Sketch.class.getClassLoader())) {
      Method run = loader.loadClass("Sketch").getMethod("run", long.class);
      run.invoke(null, 1L);
    }
  }
}
