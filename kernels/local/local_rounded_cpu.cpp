#include "common/rounding_cpu.h"
// Its passes, for this kind.
#include "local/local_rounded.h"
