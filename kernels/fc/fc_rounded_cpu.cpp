#include "common/rounding_cpu.h"
// Its passes, for this kind.
#include "fc/fc_rounded.h"
