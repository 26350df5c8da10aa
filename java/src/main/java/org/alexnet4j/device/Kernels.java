package org.alexnet4j.device;

import com.google.common.collect.ImmutableList;
import org.alexnet4j.bindings.AlexnetAbi;

/**
 * The kernels that this build holds, as the native registry lists them.
 *
 * @hidden
 */
public final class Kernels {
  private Kernels() {}

  /** {@return one JSON object per variant: family, pass, variant, kind, file} */
  public static ImmutableList<String> list() {
    ImmutableList.Builder<String> kernels = ImmutableList.builder();
    int[] count = new int[1];
    byte[] text = new byte[NativeText.BYTES];
    NativeStatus.check(AlexnetAbi.alexnet_kernel_count(count));
    for (int i = 0; i < count[0]; i++) {
      NativeStatus.check(AlexnetAbi.alexnet_kernel_describe(i, text, text.length));
      kernels.add(NativeText.of(text));
    }
    return kernels.build();
  }
}
