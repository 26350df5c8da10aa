package org.alexnet4j.plan;

/**
 * One row of the layer table.
 *
 * @param name layer
 * @param kind conv, relu, tanh, sigmoid, lrn, pool, fc, dropout, softmax
 * @param output the plane of one tower
 * @param outputTowers how many towers have such a plane
 * @param parameters weights and biases of all towers
 * @param macs multiply-accumulates of one image's forward pass, all towers
 * @param neurons units of a layer with weights, all towers; else 0
 */
public record LayerSummary(
    String name,
    String kind,
    Extent output,
    int outputTowers,
    long parameters,
    long macs,
    long neurons) {}
