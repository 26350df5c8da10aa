// forced_check: variants that a stream forces.
#ifndef ALEXNET_FORCED_CHECK_H
#define ALEXNET_FORCED_CHECK_H

namespace alexnet::check {

void check_forced();

}  // namespace alexnet::check

#endif  // ALEXNET_FORCED_CHECK_H
