// The kernel registry: a variant (one algorithm for one pass of a family on one kind of device) is registered by its
// own file, so adding one touches no other file. `choose` picks the variant with the highest preference for a
// shape; a stream forces one (alexnet_stream_force_variant), else ALEXNET_<FAMILY>_<PASS>=name does.
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
// A pass that multiplies says `static constexpr bool has_factors = true;` in its traits, one that reads or writes
// activations or their gradients `static constexpr bool has_activations = true;`. Their variants are of one precision
// each, and only those of the target's are chosen, so that a precision means the same products, stored in the same way,
// on every device.
//
// A variant of another algorithm than `direct` is only chosen for a target that asks for exactly that one; those of
// `direct` for any, as a shape or a pass may have no other.
//
// A variant that must make something on the host before it can be launched (the tensor maps of TMA) has a prepare step:
// a function like its launcher, which writes prepared_bytes at stream.prepared; the launcher finds them there. A
// rehearsal prepares each operation once.
#ifndef ALEXNET_VARIANT_H
#define ALEXNET_VARIANT_H

#include <string>
#include <type_traits>
#include <vector>

#include "cores.h"
#include "launches.h"
#include "shapes.h"
#include "status.h"
#include "target.h"

namespace alexnet {

// Where a launcher queues its work. `handle` is a cudaStream_t on cuda and unused elsewhere; `cores` are those
// of the device that a variant for cpu, or the emulator, may use; `workspace` is scratch memory of the device, which
// the next launch on the stream may overwrite; `prepared` what the variant's prepare step wrote, on the host. With
// `collected`, what a launcher launches is not started and goes there.
struct Stream {
  Target target;
  void* handle = nullptr;
  Cores cores;
  void* workspace = nullptr;
  int64_t workspace_bytes = 0;
  void* prepared = nullptr;
  Launches* collected = nullptr;
};

// Whether a pass multiplies factors that its target's precision rounds.
template <class Pass, class = void>
struct HasFactors : std::false_type {};
template <class Pass>
struct HasFactors<Pass, std::void_t<decltype(Pass::has_factors)>> : std::true_type {};

// Whether it reads or writes what precision bf16 stores as bf16 (bf16.h).
template <class Pass, class = void>
struct HasActivations : std::false_type {};
template <class Pass>
struct HasActivations<Pass, std::void_t<decltype(Pass::has_activations)>> : std::true_type {};

// The precision of the variants that a pass has for a target of `precision`.
template <class Pass>
constexpr Precision precision_of(Precision precision) {
  const bool differs = precision == Precision::kBf16 ? HasActivations<Pass>::value : HasFactors<Pass>::value;
  return differs ? precision : Precision::kFp32;
}

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
  Algorithm algorithm = Algorithm::kDirect;

  // 0 for what it does not support, and where it rounds, stores or multiplies otherwise than the target does.
  int preference(const typename Pass::Shape& shape, const Target& target) const {
    if (kind != target.kind || precision != precision_of<Pass>(target.precision)) return 0;
    if (algorithm != Algorithm::kDirect && algorithm != target.algorithm) return 0;
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

// What a variant needs of the processor or GPU beyond what its kind does: vectors of sixteen floats, or tensor cores of
// capability 8.0, which the emulator has and on a GPU the variant's preference asks for.
enum class Needs : int32_t { kNothing = 0, kAvx512 = 1, kTensorCores = 2 };

// How a variant is registered: by constant data, to which a pointer stands in a section of its own, where the linker
// gathers them all. No code runs for it at the start of the program, since that code would be compiled for AVX2 like
// the rest of a *_cpu.cpp file, and the processor might have none.
struct VariantEntry {
  const char* family;
  const char* pass;
  const char* name;
  const char* file;
  Kind kind;
  Needs needs;
  Precision precision;
  Algorithm algorithm;
  const void* variant;  // a Variant<Pass>
};

// Those of which this processor has what they need, in no particular order.
const std::vector<const VariantEntry*>& variant_entries();
// Whether an entry is of that pass.
bool is_of(const VariantEntry& entry, const char* family, const char* pass);

// The registered variants of a pass.
template <class Pass>
std::vector<Variant<Pass>>& variants() {
  static std::vector<Variant<Pass>> all = [] {
    std::vector<Variant<Pass>> found;
    for (const VariantEntry* entry : variant_entries()) {
      if (!is_of(*entry, Pass::family, Pass::pass)) continue;
      found.push_back(*static_cast<const Variant<Pass>*>(entry->variant));
    }
    return found;
  }();
  return all;
}

// The variant that somebody forces for a pass, and who does, for messages; an empty name if nobody does.
struct Forced {
  std::string name;
  const char* by = "";
};

// What ALEXNET_<FAMILY>_<PASS> forces.
Forced forced_by_environment(const char* family, const char* pass);

// UNSUPPORTED if no variant of the target's algorithm is of its kind and precision; the text says which can.
Status require_algorithm(const Target& target);

// BAD_ARGUMENT if a kind of device has no variant of that name ("" is none); the text says what there is.
Status require_variant(Kind kind, const char* family, const char* pass, const char* variant);

// The file that a kind's first variant of a pass would be in.
template <class Pass>
std::string first_variant_file(Kind kind) {
  const std::string family = Pass::family, stem = "kernels/" + family + "/" + family + "_";
  return kind == Kind::kCpu ? stem + "ALGORITHM_cpu.cpp" : stem + Pass::pass + "_direct.cu";
}

// Why there is nothing to choose: what was forced, and what there is for this shape.
template <class Pass>
std::string no_variant(const Target& target, const typename Pass::Shape& shape, const Forced& forced) {
  std::string known, fitting;
  bool is_known = false;
  Algorithm forced_algorithm = Algorithm::kDirect;
  const Precision wanted = precision_of<Pass>(target.precision);
  Precision forced_precision = wanted;
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind != target.kind) continue;
    is_known = is_known || forced.name == variant.name;
    known += (known.empty() ? "" : ", ") + std::string(variant.name);
    if (forced.name == variant.name) {
      forced_algorithm = variant.algorithm;
      forced_precision = variant.precision;
    }
    if (variant.preference(shape, target) > 0) fitting += (fitting.empty() ? "" : ", ") + std::string(variant.name);
  }
  const std::string what = std::string(Pass::family) + " " + Pass::pass + " on " + kind_name(target.kind) + ": ";
  const std::string setting = "'" + forced.name + "', which " + forced.by + " forces";
  if (known.empty()) return what + "there is no variant; it would be in " + first_variant_file<Pass>(target.kind);
  if (forced.name.empty()) return what + "no variant takes this shape; there are: " + known;
  if (!is_known) return what + "no variant is named " + setting + "; there are: " + known;
  if (forced_algorithm != Algorithm::kDirect && forced_algorithm != target.algorithm) {
    return what + setting + ", is of algorithm " + algorithm_name(forced_algorithm) + "; asked for is " +
           algorithm_name(target.algorithm);
  }
  if (forced_precision != wanted) {
    return what + setting + ", is of precision " + precision_name(forced_precision) + "; asked for is " +
           precision_name(wanted);
  }
  return what + setting + ", does not take this shape; " +
         (fitting.empty() ? "nor does another: " + known : "those that do: " + fitting);
}

// The variant to run, or null with a text in *why: no kernel of this kind, or a forced name that does not apply.
template <class Pass>
const Variant<Pass>* choose(const Target& target, const typename Pass::Shape& shape, const Forced& forced,
                            std::string* why) {
  const Variant<Pass>* best = nullptr;
  int best_preference = 0;
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (!forced.name.empty() && forced.name != variant.name) continue;
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

// The same where the environment alone may force one.
template <class Pass>
const Variant<Pass>* choose(const Target& target, const typename Pass::Shape& shape, std::string* why) {
  return choose<Pass>(target, shape, forced_by_environment(Pass::family, Pass::pass), why);
}

// What a variant does to both factors before it runs one for float32: "rounded" or "widened", with which its name
// begins; "" if it has its own arithmetic.
inline const char* conversion_of(const std::string& variant) {
  for (const char* const conversion : {"rounded", "widened"}) {
    if (variant.rfind(conversion, 0) == 0) return conversion;
  }
  return "";
}

// What to say of a pass that multiplies directly where the target asks for another algorithm, which does not take the
// shape. Otherwise, or if somebody forced it, "".
template <class Pass>
std::string direct_choice(const Target& target, const Forced& forced, const Variant<Pass>& chosen) {
  if (target.algorithm == chosen.algorithm || !forced.name.empty()) return "";
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind != target.kind || variant.algorithm != target.algorithm) continue;
    return std::string(Pass::family) + " " + Pass::pass + ": " + algorithm_name(target.algorithm) +
           " does not take this shape; it is multiplied directly";
  }
  return "";
}

// What to say of a choice that is slow: a GPU's `direct` where a quicker variant exists and does not take the shape, or
// float32 kernels in another precision's place. Otherwise, or if somebody forced it, "".
template <class Pass>
std::string slow_choice(const Target& target, const typename Pass::Shape& shape, const Forced& forced,
                        const Variant<Pass>& chosen) {
  if (target.kind != Kind::kCuda || !forced.name.empty()) return "";
  const std::string conversion = conversion_of(chosen.name);
  if (!conversion.empty()) {
    return std::string(Pass::family) + " " + Pass::pass + ": float32 kernels multiply " + conversion +
           " factors, no faster than fp32";
  }
  if (chosen.name != std::string("direct")) return "";
  std::string others;
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind != target.kind || variant.preference(shape, target) > 0) continue;
    others += (others.empty() ? "" : ", ") + std::string(variant.name);
  }
  if (others.empty()) return "";
  return std::string(Pass::family) + " " + Pass::pass + ": the plain kernel `direct` runs, which is slow; " + others +
         " does not take this shape";
}

#define ALEXNET_REGISTERED __attribute__((section("alexnet_variants"), used, unused))
// `id` is what no other variant of the file has.
#define ALEXNET_VARIANT_ENTRY(id, kind, needs, Pass, name, prefer, workspace, launch, precision, prepare, bytes,    \
                              algorithm)                                                                            \
  static constexpr ::alexnet::Variant<Pass> variant_of_##id = {name,     kind,      prefer,  workspace, launch,     \
                                                               __FILE__, precision, prepare, bytes,     algorithm}; \
  static constexpr ::alexnet::VariantEntry entry_of_##id = {                                                        \
      Pass::family, Pass::pass, name, __FILE__, kind, needs, precision, algorithm, &variant_of_##id};               \
  ALEXNET_REGISTERED static const ::alexnet::VariantEntry* const registration_of_##id = &entry_of_##id;

// For a variant that not every processor can run.
#define ALEXNET_VARIANT_NEEDS(needs, Pass, name, prefer, launch)                                               \
  ALEXNET_VARIANT_ENTRY(launch, ::alexnet::kCompiledKind, needs, Pass, name, prefer,                           \
                        ::alexnet::no_workspace<Pass::Shape>, launch, ::alexnet::Precision::kFp32, nullptr, 0, \
                        ::alexnet::Algorithm::kDirect)

// For one of another algorithm.
#define ALEXNET_VARIANT_BY(algorithm, needs, Pass, name, prefer, launch)                                       \
  ALEXNET_VARIANT_ENTRY(launch, ::alexnet::kCompiledKind, needs, Pass, name, prefer,                           \
                        ::alexnet::no_workspace<Pass::Shape>, launch, ::alexnet::Precision::kFp32, nullptr, 0, \
                        algorithm)

// For a variant with a precision and a prepare step of its own; nullptr and 0 for none.
#define ALEXNET_VARIANT_PREPARED(Pass, name, prefer, workspace, launch, precision, prepare, prepared_bytes)          \
  ALEXNET_VARIANT_ENTRY(launch, ::alexnet::kCompiledKind, ::alexnet::Needs::kNothing, Pass, name, prefer, workspace, \
                        launch, precision, prepare, prepared_bytes, ::alexnet::Algorithm::kDirect)

// For a launcher that is a template over precisions, once for each: `precision` is kFp32, kTf32 and so on.
#define ALEXNET_VARIANT_IN(precision, Pass, name, prefer, workspace, launch) \
  ALEXNET_VARIANT_IN_NEEDS(kNothing, precision, Pass, name, prefer, workspace, launch)

#define ALEXNET_VARIANT_IN_NEEDS(needs, precision, Pass, name, prefer, workspace, launch)                             \
  ALEXNET_VARIANT_ENTRY(launch##_##precision, ::alexnet::kCompiledKind, ::alexnet::Needs::needs, Pass, name, prefer,  \
                        workspace, launch<::alexnet::Precision::precision>, ::alexnet::Precision::precision, nullptr, \
                        0, ::alexnet::Algorithm::kDirect)

#define ALEXNET_VARIANT_WORKSPACE(Pass, name, prefer, workspace, launch) \
  ALEXNET_VARIANT_PREPARED(Pass, name, prefer, workspace, launch, ::alexnet::Precision::kFp32, nullptr, 0)

// For a variant of another precision, without a workspace.
#define ALEXNET_VARIANT_OF(precision, Pass, name, prefer, launch) \
  ALEXNET_VARIANT_PREPARED(Pass, name, prefer, ::alexnet::no_workspace<Pass::Shape>, launch, precision, nullptr, 0)

#define ALEXNET_VARIANT(Pass, name, prefer, launch) \
  ALEXNET_VARIANT_WORKSPACE(Pass, name, prefer, ::alexnet::no_workspace<Pass::Shape>, launch)

}  // namespace alexnet

#endif  // ALEXNET_VARIANT_H
