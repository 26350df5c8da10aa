/**
 * Internal: from the bytes of one image file to a square of RGB. Formats, headers, colours,
 * orientation and the mean over areas; damage is a {@link
 * org.alexnet4j.data.message.DataException}.
 *
 * <p>Knows neither files and archives nor data sets. Start reading at {@link
 * org.alexnet4j.data.image.ImageDecoder}.
 */
package org.alexnet4j.data.image;
