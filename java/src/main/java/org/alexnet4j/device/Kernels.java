package org.alexnet4j.device;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.bindings.AlexnetAbi;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;

/** The kernels that this build holds, as the native registry lists them. */
public final class Kernels {
  private static final int TEXT_BYTES = 4096;

  private Kernels() {}

  /** Returns one JSON object per variant: family, pass, variant, kind, file. */
  public static ImmutableList<String> list() {
    ImmutableList.Builder<String> kernels = ImmutableList.builder();
    try (IntPointer count = new IntPointer(1);
        BytePointer text = new BytePointer(TEXT_BYTES)) {
      NativeStatus.check(AlexnetAbi.alexnet_kernel_count(count));
      for (int i = 0; i < count.get(); i++) {
        NativeStatus.check(
            AlexnetAbi.alexnet_kernel_describe(i, text.limit(TEXT_BYTES), TEXT_BYTES));
        kernels.add(text.limit(BytePointer.strlen(text)).getString(StandardCharsets.UTF_8));
      }
    }
    return kernels.build();
  }
}
