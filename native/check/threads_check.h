// threads_check: handles that threads close under each other. Every call is OK or a status, and one close succeeds.
#ifndef ALEXNET_THREADS_CHECK_H
#define ALEXNET_THREADS_CHECK_H

namespace alexnet::check {

void check_threads();

}  // namespace alexnet::check

#endif  // ALEXNET_THREADS_CHECK_H
