#include "common/rounding.cuh"
// Its passes, for this kind.
#include "fc/fc_rounded.h"
