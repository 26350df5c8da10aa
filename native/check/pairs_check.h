// pairs_check: pairs of streams, what the C ABI says of their states, orders and errors.
#ifndef ALEXNET_PAIRS_CHECK_H
#define ALEXNET_PAIRS_CHECK_H

namespace alexnet::check {

void check_pairs();

}  // namespace alexnet::check

#endif  // ALEXNET_PAIRS_CHECK_H
