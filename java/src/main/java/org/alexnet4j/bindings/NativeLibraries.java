package org.alexnet4j.bindings;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;

/**
 * Loads the libraries behind the binding: from the folder of an unpacked build as they lie there,
 * from a jar by way of {@link UnpackedLibraries}.
 *
 * <p>JavaCPP would unpack a jar as well, into a folder by the name of the jar, and would take a
 * file of the same size and date for the same file; dates of reproducible jars are all the same.
 */
final class NativeLibraries {
  private static final String PLATFORM = "linux-x86_64";
  private static final String FOLDER = "org/alexnet4j/bindings/" + PLATFORM + "/";
  private static final String JNI = "jnialexnet";

  /** In the order in which they are loaded; the last one loads itself when ranks are joined. */
  private static final List<String> FILES =
      List.of("libalexnet.so", "lib" + JNI + ".so", "libalexnet_mpi.so");

  private static final int NEEDED = 2;
  private static final String CACHE = "org.bytedeco.javacpp.cachedir";

  private NativeLibraries() {}

  /**
   * Loads them for the class whose native methods they have.
   *
   * @throws UnsatisfiedLinkError if that cannot be; one line says why, and what helps
   */
  static void load(Class<?> binding) {
    if (!Loader.getPlatform().equals(PLATFORM)) {
      throw new UnsatisfiedLinkError(
          "alexnet4j has native libraries for " + PLATFORM + " alone; this is " + platform());
    }
    try {
      Map<String, URL> files = find(binding.getClassLoader());
      if (files.get(FILES.get(0)).getProtocol().equals("file")) {
        Loader.load(binding);
      } else {
        loadUnpacked(binding, UnpackedLibraries.of(files));
      }
    } catch (IOException e) {
      throw error(e.getMessage(), e);
    }
  }

  private static String platform() {
    return System.getProperty("os.name") + " on " + System.getProperty("os.arch");
  }

  /** Returns where each file is; all of them beside each other. */
  private static Map<String, URL> find(ClassLoader loader) throws IOException {
    List<URL> places = new ArrayList<>();
    for (URL place : Collections.list(loader.getResources(FOLDER + FILES.get(0)))) {
      if (places.stream().noneMatch(known -> known.toString().equals(place.toString()))) {
        places.add(place);
      }
    }
    if (places.isEmpty()) {
      throw new IOException(
          "there are no native libraries on the class path; add the artifact"
              + " org.alexnet4j:alexnet4j of the same version with the classifier "
              + PLATFORM);
    }
    Map<String, URL> first = beside(places.get(0), loader);
    for (URL place : places.subList(1, places.size())) {
      if (!UnpackedLibraries.hash(first).equals(UnpackedLibraries.hash(beside(place, loader)))) {
        throw new IOException(
            "there are different native libraries on the class path, "
                + places.get(0)
                + " and "
                + place
                + "; leave one of them there");
      }
    }
    return first;
  }

  /** Returns all files that lie where the first one does. */
  private static Map<String, URL> beside(URL first, ClassLoader loader) throws IOException {
    String text = first.toString();
    String folder = text.substring(0, text.length() - FILES.get(0).length());
    Map<String, URL> files = new LinkedHashMap<>();
    for (String name : FILES) {
      Collections.list(loader.getResources(FOLDER + name)).stream()
          .filter(url -> url.toString().equals(folder + name))
          .findFirst()
          .ifPresent(url -> files.put(name, url));
      if (!files.containsKey(name) && FILES.indexOf(name) < NEEDED) {
        throw new IOException(
            folder + " lacks " + name + "; take the artifact as it was built, with all of it");
      }
    }
    return files;
  }

  private static void loadUnpacked(Class<?> binding, UnpackedLibraries unpacked) {
    // Its own library JavaCPP unpacks itself; not where another user could have put one.
    if (System.getProperty(CACHE) == null
        && System.getProperty("org.bytedeco.javacpp.cacheDir") == null) {
      System.setProperty(CACHE, unpacked.cache().resolve("javacpp").toString());
    }
    Path library = unpacked.folder().resolve(FILES.get(0));
    try {
      System.load(library.toString());
      Loader.loadLibrary(binding, urls(unpacked.folder().resolve(FILES.get(1)).toFile()), JNI);
    } catch (UnsatisfiedLinkError e) {
      throw error(LoaderText.explain(library, e.getMessage()), e);
    }
  }

  private static URL[] urls(File file) {
    try {
      return new URL[] {file.toURI().toURL()};
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e); // a file always has one
    }
  }

  private static UnsatisfiedLinkError error(String text, Throwable cause) {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError(LoaderText.line(text));
    error.initCause(cause);
    return error;
  }
}
