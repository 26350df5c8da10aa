/**
 * Internal but for {@link org.alexnet4j.data.packed.Passport}: the files of a prepared set, one by
 * one, as they are read: arrays of pixels, classes, names, the passport.
 *
 * <p>Knows no data set and nothing of how the files are made. {@code docs/data.md} describes them.
 */
package org.alexnet4j.data.packed;
