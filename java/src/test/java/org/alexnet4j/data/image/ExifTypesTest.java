package org.alexnet4j.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.alexnet4j.data.SmallFiles;
import org.alexnet4j.data.SmallFiles.Chunk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** EXIF's orientation is a number of one, two or four bytes, in both orders. */
class ExifTypesTest {
  private static byte[] exif(ByteOrder order, int type, int orientation) {
    ByteBuffer tiff = ByteBuffer.allocate(26).order(order);
    byte letter = (byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M');
    tiff.put(letter).put(letter).putShort((short) 42).putInt(8).putShort((short) 1);
    tiff.putShort((short) 0x0112).putShort((short) type).putInt(1);
    switch (type) {
      case 1, 7 -> tiff.put((byte) orientation);
      case 3 -> tiff.putShort((short) orientation);
      default -> tiff.putInt(orientation);
    }
    return tiff.array();
  }

  @ParameterizedTest
  @CsvSource({"1, 6", "3, 6", "4, 6", "7, 1", "11, 1"}) // the last two are no whole numbers
  void theTypeSaysHowManyBytesCount(int type, int want) {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      byte[] exif = exif(order, type, 6);
      assertEquals(want, ExifOrientation.find(exif, 0, exif.length), order.toString());
    }
  }

  @Test
  void whatIsNoOrientationIsUpright() {
    byte[] exif = exif(ByteOrder.BIG_ENDIAN, 4, 6 << 16); // its first two bytes say 6
    assertEquals(1, ExifOrientation.find(exif, 0, exif.length));
  }

  /** A damaged chunk that carries no pixels is no reason to refuse an image, nor to turn it. */
  @Test
  void aPngsOrientationFitsItsChecksum() {
    byte[] row = new byte[SmallFiles.SIDE];
    Chunk chunk = new Chunk("eXIf", exif(ByteOrder.BIG_ENDIAN, 3, 6));
    byte[] png = SmallFiles.png(8, 0, row, chunk);
    assertEquals(6, ImageHeader.of(png).orientation());
    png[33 + 8 + 19] = 3; // behind signature and IHDR, the number in the chunk
    assertEquals(1, ImageHeader.of(png).orientation());
  }
}
