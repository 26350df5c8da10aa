package org.alexnet4j.config;

import com.google.common.collect.ImmutableMap;

/**
 * Another network from which a run takes its start values, layer by layer.
 *
 * @param from a run folder, of which the newest checkpoint counts, or a file of weights
 * @param layers what becomes of single layers; of the others those that both networks have are
 *     copied, and the rest starts anew
 */
public record StartSpec(String from, ImmutableMap<String, Mode> layers) {
  /** Where the values of a layer come from. */
  public enum Mode {
    /** From the layer of this name in the other network, which must be there. */
    COPY,
    /** From the layer's own sigma and bias. */
    NEW
  }
}
