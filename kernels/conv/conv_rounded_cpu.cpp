#include "common/rounding_cpu.h"
// Its passes, for this kind.
#include "conv/conv_rounded.h"
