/**
 * API: the problem shapes of the operations as plain records, in the letters of {@code shapes.h}:
 * {@code N} images, {@code C H W} input channels, rows and columns, {@code K R S} filters, their
 * rows and columns, {@code P Q} output rows and columns. Knows nothing else of this project, so
 * that {@code plan} and {@code engine} can share it. Start with {@link
 * org.alexnet4j.shape.ConvShape}.
 */
package org.alexnet4j.shape;
