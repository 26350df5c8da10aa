/**
 * Images with labels, turned into batches of bytes: folders and archives of JPEG and PNG files, a
 * generated set, random crops and flips, prefetching loader threads, mean images.
 *
 * <p>Everything a training run sees is a pure function of (data, seed, epoch, step): the number of
 * loader threads, the cache and the moment of a restart change nothing. Pixels stay uint8 RGB until
 * the device converts them.
 *
 * <p>This package knows no network, no device and no native code; it must import nothing of {@code
 * org.alexnet4j} but itself. Start reading at {@link org.alexnet4j.data.Dataset}, then {@link
 * org.alexnet4j.data.BatchLoader}.
 */
package org.alexnet4j.data;
