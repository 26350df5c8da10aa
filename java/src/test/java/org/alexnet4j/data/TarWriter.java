package org.alexnet4j.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Makes tar archives for tests, right and wrong ones. */
public final class TarWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public TarWriter file(String path, byte[] content) {
    return member(path, '0', content);
  }

  public TarWriter folder(String path) {
    return member(path + "/", '5', new byte[0]);
  }

  /** A member whose path is given by a pax record, as for names over 100 bytes. */
  public TarWriter paxFile(String path, byte[] content) {
    String rest = " path=" + path + "\n";
    int length = rest.length() + 2;
    length += Integer.toString(length).length() > 2 ? 1 : 0;
    byte[] record = (length + rest).getBytes(StandardCharsets.UTF_8);
    return member("PaxHeaders/x", 'x', record).member("cut-name", '0', content);
  }

  /** A member whose path comes first, as GNU tar writes long names. */
  public TarWriter gnuFile(String path, byte[] content) {
    byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
    return member("././@LongLink", 'L', name).member("cut-name", '0', content);
  }

  public TarWriter member(String path, char type, byte[] content) {
    byte[] header = new byte[512];
    put(header, 0, path);
    put(header, 100, "0000644");
    put(header, 124, String.format(Locale.ROOT, "%011o", content.length));
    put(header, 136, "00000000000");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar");
    put(header, 263, "00");
    int sum = 0;
    for (byte b : header) {
      sum += b & 255;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o", sum) + "\0 ");
    out.writeBytes(header);
    out.writeBytes(content);
    out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    return this;
  }

  public byte[] bytes() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(out.toByteArray());
    whole.writeBytes(new byte[1024]);
    return whole.toByteArray();
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
