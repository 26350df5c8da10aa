/**
 * Internal: one layer's pass in one engine, for {@code kernels bench} and the benchmarks in {@code
 * jmh/}. Start reading at {@link org.alexnet4j.bench.LayerTrial}.
 */
package org.alexnet4j.bench;
