// Faults on request, so that what happens after one can be tested without a broken GPU.
#ifndef ALEXNET_RUNTIME_FAULT_H
#define ALEXNET_RUNTIME_FAULT_H

#include "common/status.h"

namespace alexnet {

// With ALEXNET_FAULT=device_lost:<family>/<pass>:<n> in the environment: true for the n-th launch of that pass in this
// process, counted from 1. Host devices alone ask.
bool fault_is_due(const char* family, const char* pass);

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_FAULT_H
