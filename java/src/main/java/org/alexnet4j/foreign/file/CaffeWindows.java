package org.alexnet4j.foreign.file;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The parameters of a layer with all that is not stated, windows by rows and columns: what two
 * files are compared by, of which one may say {@code kernel_size} and the other {@code kernel_h}
 * and {@code kernel_w}.
 */
final class CaffeWindows {
  private CaffeWindows() {}

  /** Returns them by name, in the order of the names. */
  static Map<String, Double> whole(CaffeLayer layer, Optional<CaffeParameters> known) {
    Map<String, Double> whole = new TreeMap<>(layer.numbers());
    known.ifPresent(
        parameters ->
            parameters
                .numbers()
                .values()
                .forEach(number -> whole.putIfAbsent(number.name(), number.otherwise())));
    if (whole.containsKey("kernel_size")) {
      for (String what : List.of("kernel", "stride", "pad")) {
        String both = what.equals("kernel") ? "kernel_size" : what;
        for (String side : List.of("_h", "_w")) {
          if (!layer.numbers().containsKey(what + side)) {
            whole.put(what + side, whole.get(both));
          }
        }
        whole.remove(both);
      }
    }
    return whole;
  }
}
