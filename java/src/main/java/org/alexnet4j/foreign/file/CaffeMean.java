package org.alexnet4j.foreign.file;

import java.io.IOException;
import java.nio.file.Path;
import org.alexnet4j.io.FormatException;

/**
 * A mean image as Caffe's {@code compute_image_mean} writes it ({@code .binaryproto}): one {@code
 * BlobProto}.
 */
public final class CaffeMean {
  private CaffeMean() {}

  /**
   * Opens a file and checks everything but the elements.
   *
   * @return {@code [channels, rows, columns]}, channels in the order of the file, which is B, G, R
   *     for Caffe's
   * @throws FormatException if it is damaged or holds something else
   * @throws IOException if it cannot be read
   */
  public static ForeignTensor open(Path file) throws IOException {
    CaffeBlob[] blob = new CaffeBlob[1];
    ProtoMessage.read(
        file,
        in -> {
          blob[0] = new CaffeBlob(file, in);
          in.fields(blob[0]::take);
        });
    return blob[0].tensor("mean", 3);
  }
}
