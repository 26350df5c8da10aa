/**
 * API: images with labels, turned into batches of bytes: data sets and how they are opened, random
 * crops and flips, prefetching loader threads, mean images.
 *
 * <p>Everything a training run sees is a pure function of (data, seed, epoch, step): the number of
 * loader threads, the cache and the moment of a restart change nothing. Pixels stay uint8 RGB until
 * the device converts them.
 *
 * <p>This package and those below it know no network, no device and no native code. It stands on
 * {@code data.packed} and {@code data.folder}, these on {@code data.archive} and {@code
 * data.image}; {@code data.prepare} stands on all. Start reading at {@link
 * org.alexnet4j.data.Dataset}, then {@link org.alexnet4j.data.BatchLoader}.
 */
package org.alexnet4j.data;
