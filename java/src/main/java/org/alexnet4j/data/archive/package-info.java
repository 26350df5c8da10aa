/**
 * Internal: a tree of files that lies in a folder, a tar or a zip, packed or not, and which of them
 * are images.
 *
 * <p>Knows of {@code data.image} how a file tells its format, and nothing of classes, labels or
 * data sets. Start reading at {@link org.alexnet4j.data.archive.ImageFiles}.
 */
package org.alexnet4j.data.archive;
