#include "common/widening.cuh"
// Its passes, for this kind.
#include "conv/conv_widened.h"
