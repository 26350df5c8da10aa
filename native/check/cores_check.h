// cores_check: that each device computes with threads of its own, where these may run, and when they end.
#ifndef ALEXNET_CORES_CHECK_H
#define ALEXNET_CORES_CHECK_H

namespace alexnet::check {

void check_cores();

}  // namespace alexnet::check

#endif  // ALEXNET_CORES_CHECK_H
