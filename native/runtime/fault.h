// Faults on request, so that what happens after one can be tested without a broken GPU. Host devices alone ask for
// them.
//
//   device_lost:<family>/<pass>:<n>   the n-th launch of that pass loses its device
//   failed:<family>/<pass>:<n>        it fails, and the device stays
//   stuck:<family>/<pass>:<n>         it does not return until another fault is set, or none
//   out_of_memory:<device>:<n>        there is no memory for the n-th arena on that device, nor for later ones
//   memory:<MiB>                      all host devices together have that much
//   missing_wait:<n>                  the n-th wait of a stream for an event is left out
//   peer_refused                      no device reaches another one
//   peer_zeros                        copies from device to device deliver zeros
//
// <family>/<pass> may end with @<device>, as in failed:conv/wgrad@emu:1:3, to mean launches of that device alone.
// Launches, arenas and waits count from 1, from the moment the fault was set.
#ifndef ALEXNET_RUNTIME_FAULT_H
#define ALEXNET_RUNTIME_FAULT_H

#include <cstdint>
#include <string>

#include "common/status.h"

namespace alexnet {

// Replaces the fault that ALEXNET_FAULT asks for; null brings that one back. BAD_ARGUMENT if nothing here has this
// form.
Status set_fault(const char* text);

// BAD_ARGUMENT if ALEXNET_FAULT has another form.
Status check_fault_setting();

// Whether that fault, such as "peer_zeros", is wanted.
bool fault_is(const std::string& fault);
// Counts one event, and says whether it is the one that `fault`, such as "missing_wait", is wanted for...
bool fault_is_due(const std::string& fault);
// ... or a later one.
bool fault_has_begun(const std::string& fault);

// What a launch of a pass does instead of running: OK if nothing; DEVICE_LOST or BACKEND.
Status launch_fault(const char* family, const char* pass, const std::string& device);

// How many bytes the host devices shall have by the fault memory:<MiB>, else 0.
int64_t fault_memory_bytes();

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_FAULT_H
