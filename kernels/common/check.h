// check.h: cases of a kernel family, written once, that serve every mode of kernel_check.
//
//   --test    each variant on each case against the reference in double; outputs start as NaN, buffers have guard words
//   --grad    the reference of a backward pass against finite differences of the forward pass
//   --race    emulator only: early, late and random copies under ordered, reverse and random schedules, all bit-equal
//   --repeat  two runs give the same bits
//   --bench   the paper's layers at a batch size, timed, unless a kernel is wrong there (native/check/bench.h)
//
// kernels/add/add_check.cpp is the smallest example. A family writes one Check per pass:
//
//   Check<LrnBprop> check;
//   check.run = [](LrnBprop::Launch launch, const LrnShape& s, Floats& t, Stream stream) {
//     return launch(s, t["x"], t["dy"], t["dx"], stream);
//   };
//   check.reference = [](const LrnShape& s, Doubles& t) { lrn_bprop_reference(s, t["x"], t["dy"], t["dx"]); };
//   check.gradients = {{"dx", "x"}};                          // dx is the gradient by x of ...
//   check.loss = [](const LrnShape& s, Doubles& t) {          // ... this scalar
//     std::vector<double> y(size_t(lrn_count(s)));
//     lrn_fprop_reference(s, t["x"], y.data());
//     return dot(t["dy"], y);
//   };
//   check.cases.push_back({"norm1", "the paper's first", {2, 55, 55, 48, 5, 2.f, 1e-4f, 0.75f},
//                          {in("x", {2, 55, 55, 48}), in("dy", {2, 55, 55, 48}), out("dx", {2, 55, 55, 48})},
//                          Tolerance{12 * kFloatEpsilon, 1e-6}});
// and ends with ALEXNET_CHECK(make_check()), at namespace level.
#ifndef ALEXNET_CHECK_H
#define ALEXNET_CHECK_H

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/epilogue.h"
#include "common/variant.h"

namespace alexnet::check {

constexpr double kFloatEpsilon = unit_roundoff(Precision::kFp32);  // 2^-24: the relative error of one rounding

enum class Type { kFloat, kInt32, kUint8, kBf16 };
enum class Role { kInput, kOutput, kInOut };

// How an input is filled, from a seed that depends on case and tensor.
struct Fill {
  enum class Kind { kUniform, kInteger } kind = Kind::kUniform;
  double low = -1, high = 1;
};
inline Fill uniform(double low, double high) { return {Fill::Kind::kUniform, low, high}; }
// Whole numbers in [low, high].
inline Fill integers(int64_t low, int64_t high) { return {Fill::Kind::kInteger, double(low), double(high)}; }

struct TensorSpec {
  std::string name;
  std::vector<int64_t> extents;
  Role role = Role::kInput;
  Type type = Type::kFloat;
  Fill fill;
  std::vector<double> values;  // instead of fill, if not empty
  std::string alias;           // an output that shares the storage of this input
  double moved = 1;            // share of it that a call reads or writes
};

inline TensorSpec in(std::string name, std::vector<int64_t> extents, Fill fill = {}) {
  return {std::move(name), std::move(extents), Role::kInput, Type::kFloat, fill, {}, ""};
}
inline TensorSpec in_int32(std::string name, std::vector<int64_t> extents, Fill fill) {
  return {std::move(name), std::move(extents), Role::kInput, Type::kInt32, fill, {}, ""};
}
inline TensorSpec in_uint8(std::string name, std::vector<int64_t> extents, Fill fill) {
  return {std::move(name), std::move(extents), Role::kInput, Type::kUint8, fill, {}, ""};
}
inline TensorSpec in_values(std::string name, std::vector<int64_t> extents, std::vector<double> values,
                            Type type = Type::kFloat) {
  return {std::move(name), std::move(extents), Role::kInput, type, {}, std::move(values), ""};
}
inline TensorSpec out(std::string name, std::vector<int64_t> extents) {
  return {std::move(name), std::move(extents), Role::kOutput, Type::kFloat, {}, {}, ""};
}
// What a kernel reads of the step; Tensors::settings gives it back.
inline TensorSpec in_settings(std::string name, const StepSettings& settings) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&settings);
  return in_values(std::move(name), {int64_t(sizeof settings)}, std::vector<double>(bytes, bytes + sizeof settings),
                   Type::kUint8);
}
// Starts with values, is read and written.
inline TensorSpec inout(std::string name, std::vector<int64_t> extents, Fill fill = {}) {
  return {std::move(name), std::move(extents), Role::kInOut, Type::kFloat, fill, {}, ""};
}
// An output in the storage of the input `alias`, for passes that allow it.
inline TensorSpec out_in_place(std::string name, std::vector<int64_t> extents, std::string alias) {
  return {std::move(name), std::move(extents), Role::kOutput, Type::kFloat, {}, {}, std::move(alias)};
}

// |got - want| <= absolute + relative * |want|. {0, 0} asks for the value itself, rounded to float. Where a variant of
// another precision is compared with a reference that does not round, both are multiplied by the ratio of its unit
// roundoff to float32's.
struct Tolerance {
  double relative = 0;
  double absolute = 0;
  Tolerance scaled(Precision precision) const {
    const double factor = unit_roundoff(precision) / unit_roundoff(Precision::kFp32);
    return {relative * factor, absolute * factor};
  }
};

struct Option {
  std::string name;
  double value;
};

// A case of this name is for a tile of the product's loop (gemm_loop.cuh), large for no other reason: variants that do
// not run that loop on their own, or at all, need not run it.
inline bool is_of_tile(const std::string& name) { return name.rfind("tile-", 0) == 0; }
inline bool has_tiles(const std::string& variant) {
  return variant == "gemm" || variant == "implicit_gemm" || variant.rfind("mma_", 0) == 0;
}

template <class Pass>
struct Case {
  std::string name;
  std::string why;
  typename Pass::Shape shape;
  std::vector<TensorSpec> tensors;
  Tolerance tolerance;
  std::vector<Option> options = {};  // what else a call needs: {"relu", 1}
  bool race = true;                  // false for a case too large to be run under every schedule
  bool grad = true;                  // false where the loss has no derivative near the inputs
};

// The tensors of a case as the kernel or the reference gets them. A name that the case lacks gives a null pointer.
template <class Real>
class Tensors {
 public:
  virtual ~Tensors() = default;
  virtual Real* operator[](const char* name) = 0;
  virtual int64_t count(const char* name) = 0;
  virtual const int32_t* int32(const char* name) = 0;
  virtual const uint8_t* uint8(const char* name) = 0;
  virtual double option(const char* name) = 0;  // 0 if the case has none
  const StepSettings* settings(const char* name) { return reinterpret_cast<const StepSettings*>(uint8(name)); }
  bool has(const char* name) { return count(name) > 0; }
};
using Floats = Tensors<float>;
using Doubles = Tensors<double>;

// `of` holds the gradient of Check::loss by `by`.
struct Gradient {
  std::string of;
  std::string by;
  double step = 1e-5;      // of the central difference
  double relative = 1e-5;  // allowed, of the largest gradient of the case
};

template <class Pass>
struct Check {
  using Shape = typename Pass::Shape;
  Status (*run)(typename Pass::Launch launch, const Shape& shape, Floats& tensors, Stream stream) = nullptr;
  // What must have run before, and is not what is checked: a backward pass may read what the forward pass wrote.
  Status (*prepare)(const Shape& shape, Floats& tensors, Stream stream) = nullptr;
  void (*reference)(const Shape& shape, Doubles& tensors) = nullptr;
  double (*loss)(const Shape& shape, Doubles& tensors) = nullptr;
  std::vector<Gradient> gradients;
  // Of a product: the inputs that a precision rounds. The reference of a variant gets them rounded, so its bound stays
  // float32's.
  std::vector<std::string> factors;
  // The bound of a variant of another algorithm than direct, whose error a case's own bound does not describe.
  Tolerance (*algorithm_tolerance)(const Shape& shape, Algorithm algorithm) = nullptr;
  // Outputs of a product that are made of factors as they are: a bias's gradient.
  std::vector<std::string> unrounded;
  // What precision bf16 stores as bf16: activations, their gradients, and the weights that a product reads. Cases then
  // have them in this type, so that inputs are rounded before reference and kernel see them, and a result may be off by
  // its own rounding beside float32's bound. An inout stays float32.
  std::vector<std::string> stored;
  std::vector<Case<Pass>> cases;

  // For --bench. The paper's layers with N images; their tensors are what must be moved.
  std::vector<Case<Pass>> (*layers)(int32_t N) = nullptr;
  // Floating-point operations of a call; null where only bytes bound it.
  double (*flop)(const Shape& shape) = nullptr;
  // One element of the only output, where the whole reference would take minutes at a batch of 128.
  double (*element)(const Shape& shape, Doubles& tensors, int64_t index) = nullptr;
};

// Where a product's case has its result: in bf16 one that accumulates stays float32, in the Epilogue's sums.
inline float* product_output(Floats& tensors, const Stream& stream, Epilogue* epilogue) {
  float* const y = tensors["y"];
  if (!epilogue->accumulate || stream.target.precision != Precision::kBf16) return y;
  epilogue->sums = y;
  return nullptr;
}

inline double dot(const double* a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < b.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// ---- what kernel_check sees: the same without the types -------------------------------------------------------------

struct AnyCase {
  std::string name, why;
  std::vector<TensorSpec> tensors;
  Tolerance tolerance;
  std::vector<Option> options;
  bool race, grad;
  std::vector<std::string> factors, unrounded, stored;  // of its check
  std::function<Status(Floats&, Stream)> prepare;
  std::function<void(Doubles&)> reference;
  std::function<double(Doubles&)> loss;
  std::function<double(Doubles&, int64_t index)> element;
  double flop = 0;
  std::function<Tolerance(Algorithm)> algorithm_tolerance = nullptr;

  Tolerance tolerance_of(Algorithm algorithm) const {
    return algorithm == Algorithm::kDirect || !algorithm_tolerance ? tolerance : algorithm_tolerance(algorithm);
  }
};

struct AnyVariant {
  std::string name;
  Kind kind;
  Precision precision;
  Algorithm algorithm;
  // At the variant's own precision and algorithm, on a device of its kind.
  std::function<bool(const Target&, size_t case_index)> supports;
  std::function<bool(const Target&, size_t case_index)> chosen;  // what an operation of this shape runs
  std::function<int64_t(size_t case_index)> workspace_bytes;
  std::function<Status(size_t case_index, Floats&, Stream)> run;
  std::function<Status(size_t case_index, Floats&, Stream)> prepare;  // null if it has no such step
  int64_t prepared_bytes = 0;
};

struct AnyCheck {
  std::string family, pass;
  std::vector<Gradient> gradients;
  std::vector<AnyCase> cases;
  std::function<std::vector<AnyVariant>()> variants;  // asked for in main(), when all are registered
  std::function<AnyCheck(int32_t N)> bench;           // the same pass with Check::layers as its cases, maybe none
};

std::vector<AnyCheck>& checks();

template <class Pass>
struct CheckRegistration {
  explicit CheckRegistration(Check<Pass> typed) {
    auto check = std::make_shared<Check<Pass>>(std::move(typed));
    AnyCheck any = without_types(check);
    any.bench = [check](int32_t N) {
      auto bench = std::make_shared<Check<Pass>>(*check);
      bench->cases = check->layers == nullptr ? std::vector<Case<Pass>>() : check->layers(N);
      return without_types(bench);
    };
    checks().push_back(std::move(any));
  }

 private:
  using Shared = std::shared_ptr<Check<Pass>>;

  static AnyCheck without_types(const Shared& check) {
    AnyCheck any{Pass::family, Pass::pass, check->gradients, {}, [check] { return variants_of(check); }, nullptr};
    for (const Case<Pass>& c : check->cases) {
      AnyCase one{c.name,           c.why,         c.tensors, c.tolerance, c.options, c.race,  c.grad, check->factors,
                  check->unrounded, check->stored, nullptr,   nullptr,     nullptr,   nullptr, 0};
      if (check->prepare != nullptr) {
        one.prepare = [check, shape = c.shape](Floats& t, Stream stream) { return check->prepare(shape, t, stream); };
      }
      one.reference = [check, shape = c.shape](Doubles& t) { check->reference(shape, t); };
      if (check->loss != nullptr) one.loss = [check, shape = c.shape](Doubles& t) { return check->loss(shape, t); };
      if (check->element != nullptr) {
        one.element = [check, shape = c.shape](Doubles& t, int64_t i) { return check->element(shape, t, i); };
      }
      if (check->flop != nullptr) one.flop = check->flop(c.shape);
      if (check->algorithm_tolerance != nullptr) {
        one.algorithm_tolerance = [check, shape = c.shape](Algorithm a) {
          return check->algorithm_tolerance(shape, a);
        };
      }
      any.cases.push_back(std::move(one));
    }
    return any;
  }

  static std::vector<AnyVariant> variants_of(const Shared& check) {
    std::vector<AnyVariant> all;
    for (const Variant<Pass>& v : variants<Pass>()) {
      AnyVariant any{v.name,  v.kind,  v.precision, v.algorithm, nullptr,
                     nullptr, nullptr, nullptr,     nullptr,     v.prepared_bytes};
      any.supports = [check, v](const Target& target, size_t i) {
        const Case<Pass>& c = check->cases[i];
        return (has_tiles(v.name) || !is_of_tile(c.name)) && v.preference(c.shape, target) > 0;
      };
      any.chosen = [check, v](const Target& target, size_t i) {
        std::string why;
        const Variant<Pass>* best = choose<Pass>(target, check->cases[i].shape, &why);
        return best != nullptr && std::string(best->name) == v.name;
      };
      any.workspace_bytes = [check, v](size_t i) { return v.workspace(check->cases[i].shape); };
      any.run = [check, v](size_t i, Floats& t, Stream stream) {
        return check->run(v.launch, check->cases[i].shape, t, stream);
      };
      if (v.prepare != nullptr) {
        any.prepare = [check, v](size_t i, Floats& t, Stream stream) {
          return check->run(v.prepare, check->cases[i].shape, t, stream);
        };
      }
      all.push_back(std::move(any));
    }
    return all;
  }
};

#define ALEXNET_CHECK_NAME_(line) check_registration_##line
#define ALEXNET_CHECK_NAME(line) ALEXNET_CHECK_NAME_(line)
#define ALEXNET_CHECK(make) static const ::alexnet::check::CheckRegistration ALEXNET_CHECK_NAME(__LINE__)(make);

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_H
