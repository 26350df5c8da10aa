#include "common/widening.cuh"
// Its passes, for this kind.
#include "local/local_widened.h"
