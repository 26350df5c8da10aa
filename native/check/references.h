// What the references of a pass give, kept from one variant to the next: most of the time of a check on the CPU is
// theirs.
#ifndef ALEXNET_CHECK_REFERENCES_H
#define ALEXNET_CHECK_REFERENCES_H

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "check/case_memory.h"

namespace alexnet::check {

class References {
 public:
  using Inputs = std::map<std::string, std::vector<double>>;
  using Results = std::map<std::string, std::vector<double>>;  // by output
  // What a reference sees: float32 inputs, those with factors rounded to a precision, or what a precision stores.
  using Seen = Precision;

  // From now on results are of this check; those of another one are forgotten.
  void enter(const AnyCheck& check);
  // Of its case `index`, computed by inputs() if they are not there. They are valid until the next call.
  template <class MakeInputs>
  const Results& of(size_t index, Seen seen, const AnyCase& c, const MakeInputs& inputs) {
    const auto found = kept_.find({index, seen});
    return found != kept_.end() ? found->second : keep({index, seen}, computed(c, inputs()));
  }

 private:
  using Key = std::pair<size_t, Seen>;

  static Results computed(const AnyCase& c, const Inputs& inputs);
  const Results& keep(const Key& key, Results results);

  const AnyCheck* check_ = nullptr;
  std::map<Key, Results> kept_;
  int64_t values_ = 0;  // that are kept
  Results last_;        // of what is not
};

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_REFERENCES_H
