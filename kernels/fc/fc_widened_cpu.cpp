#include "common/widening_cpu.h"
// Its passes, for this kind.
#include "fc/fc_widened.h"
