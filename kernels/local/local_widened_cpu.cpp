#include "common/widening_cpu.h"
// Its passes, for this kind.
#include "local/local_widened.h"
