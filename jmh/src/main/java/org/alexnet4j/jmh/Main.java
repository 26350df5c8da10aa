package org.alexnet4j.jmh;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The command line of the benchmarks: JMH's own, with {@link Rates} beside every score, and {@code
 * --compare A.json B.json}, which holds two results against each other, and {@code --peers}, which
 * measures ours beside others in turns.
 */
public final class Main {
  private static final String COMPARE = "--compare";
  private static final String PEERS = "--peers";

  private Main() {}

  /** Runs benchmarks, or compares what two runs wrote. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 0 && arguments[0].equals(PEERS)) {
      System.exit(PeerRounds.run(Arrays.asList(arguments).subList(1, arguments.length)));
    }
    if (!Arrays.asList(arguments).contains(COMPARE)) {
      org.openjdk.jmh.Main.main(withRates(arguments));
      return;
    }
    if (arguments.length != 3 || !arguments[0].equals(COMPARE)) {
      System.err.println("usage: " + COMPARE + " A.json B.json, as '-rf json' writes them");
      System.exit(2);
    }
    try {
      List<Score> before = Score.read(Path.of(arguments[1]));
      List<Score> after = Score.read(Path.of(arguments[2]));
      System.out.print(Comparison.of(before, after));
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(3);
    }
  }

  private static String[] withRates(String[] arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "-prof";
    all[arguments.length + 1] = Rates.class.getName();
    return all;
  }
}
