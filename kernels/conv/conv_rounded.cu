#include "common/rounding.cuh"
// Its passes, for this kind.
#include "conv/conv_rounded.h"
