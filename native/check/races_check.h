// Of runtime_check: the search for races, faults on request, and what a device reaches.
#ifndef ALEXNET_CHECK_RACES_CHECK_H
#define ALEXNET_CHECK_RACES_CHECK_H

namespace alexnet::check {

void check_races();
void check_faults();

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_RACES_CHECK_H
