package org.alexnet4j.train;

import java.nio.file.Path;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;

/**
 * What a person asks of a training run, beside the configuration's contents.
 *
 * @param configuration network, training, augmentation; classes are taken from the data
 * @param data where the images are
 * @param devices one per tower
 * @param seed of weights, order, crops and masks
 * @param run folder that gets everything
 * @param steps updates to stop after, or 0 for the configuration's epochs
 * @param resume whether to go on from the folder's newest checkpoint
 * @param checkpointEvery steps between checkpoints, or 0 for one per epoch
 * @param loaderThreads threads that read images
 */
public record RunOptions(
    Configuration configuration,
    String data,
    Devices.Choice devices,
    long seed,
    Path run,
    long steps,
    boolean resume,
    long checkpointEvery,
    int loaderThreads) {}
