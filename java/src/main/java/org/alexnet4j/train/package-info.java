/**
 * API: training: start values, steps, epochs, when checkpoints are written. Start reading in {@link
 * org.alexnet4j.train.Trainer} for the loop of your own, in {@link org.alexnet4j.train.TrainingRun}
 * for the one that the command line uses.
 */
package org.alexnet4j.train;
