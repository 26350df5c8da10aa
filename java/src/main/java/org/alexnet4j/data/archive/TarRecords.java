package org.alexnet4j.data.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * The records of a tar: whether its end was marked, by a record of zeros, and where the name of the
 * last member stands. Names come as bytes, one a letter.
 */
final class TarRecords extends TarArchiveInputStream {
  private static final int NAME_BYTES = 100;
  private static final int TYPE = 156;
  private static final int PREFIX = 345;
  private static final int PREFIX_BYTES = 155;
  private static final int SHORT_PREFIX_BYTES = 131; // of star

  private final TarBytes in;
  private boolean ended;
  private boolean pax; // whether settings preceded the member
  private byte[] last = new byte[TarConstants.DEFAULT_RCDSIZE];

  TarRecords(TarBytes in) {
    super(in, StandardCharsets.ISO_8859_1.name());
    this.in = in;
  }

  /** Returns whether the mark of the end was read. */
  boolean ended() {
    return ended;
  }

  /** Begins with another member. */
  void forget() {
    pax = false;
  }

  /** Returns whether settings preceded the member, which may name it. */
  boolean afterPax() {
    return pax;
  }

  @Override
  protected byte[] readRecord() throws IOException {
    byte[] record = super.readRecord();
    last = record == null ? last : record.clone();
    pax |= Character.toLowerCase((char) last[TYPE]) == 'x';
    return record;
  }

  @Override
  protected boolean isEOFRecord(byte[] record) {
    boolean zeros = super.isEOFRecord(record);
    if (zeros && record != null && !ended) {
      ended = true;
      in.watch();
    }
    return zeros;
  }

  /** Says whether a name stands in the last header itself, perhaps in two parts. */
  boolean isOwn(String given) {
    String own = withoutSlash(field(0, NAME_BYTES));
    String bare = withoutSlash(given);
    return bare.equals(own)
        || bare.equals(field(PREFIX, PREFIX_BYTES) + "/" + own)
        || bare.equals(field(PREFIX, SHORT_PREFIX_BYTES) + "/" + own);
  }

  private static String withoutSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private String field(int from, int bytes) {
    int end = from;
    while (end < from + bytes && last[end] != 0) {
      end++;
    }
    return new String(last, from, end - from, StandardCharsets.ISO_8859_1);
  }
}
