// limits_check: limits of memory and cores, read from trees of files that are made for it.
#ifndef ALEXNET_LIMITS_CHECK_H
#define ALEXNET_LIMITS_CHECK_H

namespace alexnet::check {

void check_limits();

}  // namespace alexnet::check

#endif  // ALEXNET_LIMITS_CHECK_H
