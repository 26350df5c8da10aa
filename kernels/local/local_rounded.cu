#include "common/rounding.cuh"
// Its passes, for this kind.
#include "local/local_rounded.h"
