/**
 * API: reads and writes the files of a run: safetensors, NumPy arrays and JSON lines.
 *
 * <p>Nothing here knows a network, a device or a data set, and nothing here imports another package
 * of this project. Every file appears by rename after it was synced, so a reader never sees half a
 * file. What is read is not trusted: damage is a {@link org.alexnet4j.io.FormatException} that
 * names the file, the tensor and the byte offset.
 *
 * <p>Start reading at {@link org.alexnet4j.io.Safetensors}; {@link org.alexnet4j.io.AtomicFile} is
 * what all writers stand on.
 */
package org.alexnet4j.io;
