package org.alexnet4j.tower;

/**
 * What changes from step to step.
 *
 * @param step number of the update, from 0; keys the dropout masks
 * @param rate learning rate of the weights
 * @param biasRate learning rate of the biases (D8)
 * @param momentum factor on the velocity
 */
public record StepSettings(long step, float rate, float biasRate, float momentum) {}
