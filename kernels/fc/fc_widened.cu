#include "common/widening.cuh"
// Its passes, for this kind.
#include "fc/fc_widened.h"
