// The kernel registry: a variant (one algorithm for one pass of a family on one kind of device) registers itself from
// its own file, so adding one touches no other file. `choose` picks the variant with the highest preference for a
// shape; ALEXNET_<FAMILY>_<PASS>=name forces one.
//
// A family header declares each pass as a traits struct:
//
//   struct LrnFprop {
//     static constexpr const char* family = "lrn";
//     static constexpr const char* pass = "fprop";
//     using Shape = LrnShape;
//     using Launch = Status (*)(const LrnShape&, const float* x, float* y, Stream);
//   };
//
// and a variant's file ends with
//
//   ALEXNET_VARIANT(LrnFprop, "warp", prefer_warp, launch_warp)
//
// where `int prefer_warp(const LrnShape&, const Target&)` returns 0 for what it does not support, else a preference: 1
// for the readable `direct` kernels, more for one that is quicker there. Of equals `direct` is chosen. A preference
// that is always the same is written prefers<2>. A variant that needs scratch memory on the device says how much:
//
//   ALEXNET_VARIANT_WORKSPACE(ConvWgrad, "split", prefer_split, workspace_split, launch_split)
//
// where `int64_t workspace_split(const ConvShape&)` returns bytes, 0 or more, and the launcher finds at least that many
// at stream.workspace, aligned to 256 bytes, contents undefined.
//
// A variant whose products round their factors states so by its precision, and is chosen only where the target allows
// as much; the bounds of the checks grow with its unit roundoff. One that must make something on the host before it can
// be launched (the tensor maps of TMA) has a prepare step: a function like its launcher, which writes prepared_bytes at
// stream.prepared; the launcher finds them there. A rehearsal prepares each operation once.
#ifndef ALEXNET_VARIANT_H
#define ALEXNET_VARIANT_H

#include <string>
#include <vector>

#include "cores.h"
#include "shapes.h"
#include "status.h"
#include "target.h"

namespace alexnet {

// Where a launcher queues its work. `handle` is a cudaStream_t on cuda and unused elsewhere; `cores` are those
// of the device that a variant for cpu may use; `workspace` is scratch memory of the device, which the next launch on
// the stream may overwrite; `prepared` what the variant's prepare step wrote, on the host.
struct Stream {
  Target target;
  void* handle = nullptr;
  Cores cores;
  void* workspace = nullptr;
  int64_t workspace_bytes = 0;
  void* prepared = nullptr;
};

template <class Pass>
struct Variant {
  const char* name;
  Kind kind;
  int (*prefer)(const typename Pass::Shape&, const Target&);
  int64_t (*workspace)(const typename Pass::Shape&);  // bytes
  typename Pass::Launch launch;
  const char* file;
  Precision precision = Precision::kFp32;
  typename Pass::Launch prepare = nullptr;
  int64_t prepared_bytes = 0;

  // 0 for what it does not support, and where it rounds more than the target allows.
  int preference(const typename Pass::Shape& shape, const Target& target) const {
    if (kind != target.kind || unit_roundoff(precision) > unit_roundoff(target.precision)) return 0;
    return prefer(shape, target);
  }
};

// The preference of a variant that takes every shape.
template <int preference, class Shape>
int prefers(const Shape&, const Target&) {
  return preference;
}

// What a variant that needs no workspace says.
template <class Shape>
int64_t no_workspace(const Shape&) {
  return 0;
}

// What `alexnet kernels list` shows of a variant.
struct VariantRow {
  std::string family, pass, variant, file;
  Kind kind;
};

std::vector<VariantRow>& variant_rows();  // every registered variant, in no particular order

template <class Pass>
std::vector<Variant<Pass>>& variants() {
  static std::vector<Variant<Pass>> all;
  return all;
}

// The name forced by ALEXNET_<FAMILY>_<PASS>, or an empty string.
std::string forced_variant(const char* family, const char* pass);

template <class Pass>
struct Registration {
  explicit Registration(Variant<Pass> variant) {
    variants<Pass>().push_back(variant);
    variant_rows().push_back({Pass::family, Pass::pass, variant.name, variant.file, variant.kind});
  }
};

// The file that a kind's first variant of a pass would be in.
template <class Pass>
std::string first_variant_file(Kind kind) {
  const std::string family = Pass::family, stem = "kernels/" + family + "/" + family + "_";
  return kind == Kind::kCpu ? stem + "ALGORITHM_cpu.cpp" : stem + Pass::pass + "_direct.cu";
}

// Why there is nothing to choose: what was forced, and what there is for this shape.
template <class Pass>
std::string no_variant(const Target& target, const typename Pass::Shape& shape, const std::string& forced) {
  std::string known, fitting;
  bool is_known = false;
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind != target.kind) continue;
    is_known = is_known || forced == variant.name;
    known += (known.empty() ? "" : ", ") + std::string(variant.name);
    if (variant.preference(shape, target) > 0) fitting += (fitting.empty() ? "" : ", ") + std::string(variant.name);
  }
  const std::string what = std::string(Pass::family) + " " + Pass::pass + " on " + kind_name(target.kind) + ": ";
  const std::string setting = "'" + forced + "', which the environment forces";
  if (known.empty()) return what + "there is no variant; it would be in " + first_variant_file<Pass>(target.kind);
  if (forced.empty()) return what + "no variant takes this shape; there are: " + known;
  if (!is_known) return what + "no variant is named " + setting + "; there are: " + known;
  return what + setting + ", does not take this shape; " +
         (fitting.empty() ? "nor does another: " + known : "those that do: " + fitting);
}

// The variant to run, or null with a text in *why: no kernel of this kind, or a forced name that does not apply.
template <class Pass>
const Variant<Pass>* choose(const Target& target, const typename Pass::Shape& shape, std::string* why) {
  const std::string forced = forced_variant(Pass::family, Pass::pass);
  const Variant<Pass>* best = nullptr;
  int best_preference = 0;
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (!forced.empty() && forced != variant.name) continue;
    const int preference = variant.preference(shape, target);
    const bool first_of_equals = preference > 0 && variant.name == std::string("direct");
    if (preference > best_preference || (preference == best_preference && first_of_equals)) {
      best = &variant;
      best_preference = preference;
    }
  }
  if (best == nullptr) *why = no_variant<Pass>(target, shape, forced);
  return best;
}

// What to say of a choice that is slow: a GPU's `direct` where a quicker variant exists and does not take the shape.
// Otherwise, or if the environment asked for it, "".
template <class Pass>
std::string slow_choice(const Target& target, const typename Pass::Shape& shape, const Variant<Pass>& chosen) {
  if (target.kind != Kind::kCuda || chosen.name != std::string("direct")) return "";
  if (!forced_variant(Pass::family, Pass::pass).empty()) return "";
  std::string others;
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind != target.kind || variant.preference(shape, target) > 0) continue;
    others += (others.empty() ? "" : ", ") + std::string(variant.name);
  }
  if (others.empty()) return "";
  return std::string(Pass::family) + " " + Pass::pass + ": the plain kernel `direct` runs, which is slow; " + others +
         " does not take this shape";
}

#define ALEXNET_VARIANT_WORKSPACE(Pass, name, prefer, workspace, launch) \
  static ::alexnet::Registration<Pass> registration_of_##launch(         \
      {name, ::alexnet::kCompiledKind, prefer, workspace, launch, __FILE__});

// For a variant that not every machine can run.
#define ALEXNET_VARIANT_IF(is_here, Pass, name, prefer, launch)                                              \
  static const bool registered_##launch =                                                                    \
      (is_here) && (::alexnet::Registration<Pass>({name, ::alexnet::kCompiledKind, prefer,                   \
                                                   ::alexnet::no_workspace<Pass::Shape>, launch, __FILE__}), \
                    true);

#define ALEXNET_VARIANT(Pass, name, prefer, launch) \
  ALEXNET_VARIANT_WORKSPACE(Pass, name, prefer, ::alexnet::no_workspace<Pass::Shape>, launch)

}  // namespace alexnet

#endif  // ALEXNET_VARIANT_H
