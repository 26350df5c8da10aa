#include "common/widening_cpu.h"
// Its passes, for this kind.
#include "conv/conv_widened.h"
