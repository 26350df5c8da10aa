// The kernel registry: a variant (one algorithm for one pass of a family on one kind of device) is registered by its
// own file, so adding one touches no other file. `choose` picks the variant with the highest preference for a
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
//   ALEXNET_VARIANT(LrnFprop, "direct", prefer_direct, launch_direct)
//
// where `int prefer_direct(const LrnShape&)` returns 0 for a shape it does not support, else a preference: 1 for the
// readable `direct` kernels, more for one that is quicker on that shape. Of equals `direct` is chosen.
// A variant that needs scratch memory on the device says how much:
//
//   ALEXNET_VARIANT_WORKSPACE(ConvWgrad, "split", prefer_split, workspace_split, launch_split)
//
// where `int64_t workspace_split(const ConvShape&)` returns bytes, 0 or more, and the launcher finds at least that many
// at stream.workspace, aligned to 256 bytes, contents undefined.
#ifndef ALEXNET_VARIANT_H
#define ALEXNET_VARIANT_H

#include <string>
#include <vector>

#include "cores.h"
#include "shapes.h"
#include "status.h"

namespace alexnet {

// What computes: the emulator, a GPU, or the CPU's own vector code. Values equal ALEXNET_EMU, ALEXNET_CUDA,
// ALEXNET_CPU.
enum class Kind : int32_t { kEmu = 0, kCuda = 1, kCpu = 2 };

const char* kind_name(Kind kind);  // "emu", "cuda", "cpu"

// Where a launcher queues its work. `handle` is a cudaStream_t on cuda and unused elsewhere; `cores` are those
// of the device that a variant for cpu, or the emulator, may use; `workspace` is scratch memory of the device, which
// the next launch on the stream may overwrite.
struct Stream {
  Kind kind = Kind::kEmu;
  void* handle = nullptr;
  Cores cores;
  void* workspace = nullptr;
  int64_t workspace_bytes = 0;
};

// The kind that a kernel source is being compiled for: CMake compiles every .cu file for emu with the C++ compiler and,
// where there is one, for cuda with nvcc; *_cpu.cpp files are compiled once, for cpu.
#if defined(ALEXNET_KIND_CPU)
constexpr Kind kCompiledKind = Kind::kCpu;
#elif defined(__CUDACC__)
constexpr Kind kCompiledKind = Kind::kCuda;
#else
constexpr Kind kCompiledKind = Kind::kEmu;
#endif

template <class Pass>
struct Variant {
  const char* name;
  Kind kind;
  int (*prefer)(const typename Pass::Shape&);
  int64_t (*workspace)(const typename Pass::Shape&);  // bytes
  typename Pass::Launch launch;
  const char* file;
};

// What a variant that needs no workspace says.
template <class Shape>
int64_t no_workspace(const Shape&) {
  return 0;
}

// What a variant needs of the processor beyond what its kind does.
enum class Needs : int32_t { kNothing = 0, kAvx512 = 1 };

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

// The name forced by ALEXNET_<FAMILY>_<PASS>, or an empty string.
std::string forced_variant(const char* family, const char* pass);

// The file that a kind's first variant of a pass would be in.
template <class Pass>
std::string first_variant_file(Kind kind) {
  const std::string family = Pass::family, stem = "kernels/" + family + "/" + family + "_";
  return kind == Kind::kCpu ? stem + "ALGORITHM_cpu.cpp" : stem + Pass::pass + "_direct.cu";
}

// Why there is nothing to choose: what was forced, and what there is for this shape.
template <class Pass>
std::string no_variant(Kind kind, const typename Pass::Shape& shape, const std::string& forced) {
  std::string known, fitting;
  bool is_known = false;
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind != kind) continue;
    is_known = is_known || forced == variant.name;
    known += (known.empty() ? "" : ", ") + std::string(variant.name);
    if (variant.prefer(shape) > 0) fitting += (fitting.empty() ? "" : ", ") + std::string(variant.name);
  }
  const std::string what = std::string(Pass::family) + " " + Pass::pass + " on " + kind_name(kind) + ": ";
  const std::string setting = "'" + forced + "', which the environment forces";
  if (known.empty()) return what + "there is no variant; it would be in " + first_variant_file<Pass>(kind);
  if (forced.empty()) return what + "no variant takes this shape; there are: " + known;
  if (!is_known) return what + "no variant is named " + setting + "; there are: " + known;
  return what + setting + ", does not take this shape; " +
         (fitting.empty() ? "nor does another: " + known : "those that do: " + fitting);
}

// The variant to run, or null with a text in *why: no kernel of this kind, or a forced name that does not apply.
template <class Pass>
const Variant<Pass>* choose(Kind kind, const typename Pass::Shape& shape, std::string* why) {
  const std::string forced = forced_variant(Pass::family, Pass::pass);
  const Variant<Pass>* best = nullptr;
  int best_preference = 0;
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind != kind || (!forced.empty() && forced != variant.name)) continue;
    const int preference = variant.prefer(shape);
    const bool first_of_equals = preference > 0 && variant.name == std::string("direct");
    if (preference > best_preference || (preference == best_preference && first_of_equals)) {
      best = &variant;
      best_preference = preference;
    }
  }
  if (best == nullptr) *why = no_variant<Pass>(kind, shape, forced);
  return best;
}

#define ALEXNET_REGISTERED __attribute__((section("alexnet_variants"), used, unused))
#define ALEXNET_VARIANT_ENTRY(kind, needs, Pass, name, prefer, workspace, launch)                                    \
  static constexpr ::alexnet::Variant<Pass> variant_of_##launch = {name, kind, prefer, workspace, launch, __FILE__}; \
  static constexpr ::alexnet::VariantEntry entry_of_##launch = {                                                     \
      Pass::family, Pass::pass, name, __FILE__, kind, needs, &variant_of_##launch};                                  \
  ALEXNET_REGISTERED static const ::alexnet::VariantEntry* const registration_of_##launch = &entry_of_##launch;

#define ALEXNET_VARIANT_WORKSPACE(Pass, name, prefer, workspace, launch) \
  ALEXNET_VARIANT_ENTRY(::alexnet::kCompiledKind, ::alexnet::Needs::kNothing, Pass, name, prefer, workspace, launch)

// For a variant that not every processor can run.
#define ALEXNET_VARIANT_NEEDS(needs, Pass, name, prefer, launch)                                                   \
  ALEXNET_VARIANT_ENTRY(::alexnet::kCompiledKind, needs, Pass, name, prefer, ::alexnet::no_workspace<Pass::Shape>, \
                        launch)

#define ALEXNET_VARIANT(Pass, name, prefer, launch) \
  ALEXNET_VARIANT_WORKSPACE(Pass, name, prefer, ::alexnet::no_workspace<Pass::Shape>, launch)

}  // namespace alexnet

#endif  // ALEXNET_VARIANT_H
