package org.alexnet4j.jmh;

import java.util.Locale;
import org.alexnet4j.plan.Purpose;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;

/** Who computes the network, in {@code --peers}. */
enum Peer {
  DIRECT("ours, direct", "kernels", "direct"),
  WINOGRAD2("ours, winograd2", "kernels", "winograd2"),
  WINOGRAD4("ours, winograd4", "kernels", "winograd4"),
  ONEDNN("oneDNN for conv and fc", "onednn", "direct"),
  ONNX("ONNX Runtime", null, null),
  ONNX_COMPOSED("ONNX Runtime, LRN composed", null, null);

  private static final String ONNX_BENCHMARK = "org.alexnet4j.jmh.OnnxBenchmark";

  private final String text;
  private final String engine; // null for what is none of our engines
  private final String algorithm;

  Peer(String text, String engine, String algorithm) {
    this.text = text;
    this.engine = engine;
    this.algorithm = algorithm;
  }

  /** Returns what {@code --only} calls it. */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns whether this build has it. */
  boolean isBuilt() {
    if (engine != null) {
      return true;
    }
    try {
      Class.forName(ONNX_BENCHMARK, false, Peer.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Returns whether it does steps of a purpose. */
  boolean has(Purpose purpose) {
    return engine != null || purpose == Purpose.INFER;
  }

  /** Chooses its benchmark. */
  void include(ChainedOptionsBuilder options, Purpose purpose, String devices) {
    if (engine == null) {
      options
          .include("\\.OnnxBenchmark\\.onnxRuntime$")
          .param("lrn", this == ONNX ? "operator" : "composed");
      return;
    }
    options
        .include("\\.StepBenchmark\\.run$")
        .param("purpose", purpose.name())
        .param("devices", devices)
        .param("engine", engine)
        .param("algorithm", algorithm);
  }

  @Override
  public String toString() {
    return text;
  }
}
