// harness_check: kernel_check itself finds what it is there to find. Variants with planted mistakes run through the
// checker, and each must fail in the right mode with the right text; the right variant must pass in all.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "check/bench.h"
#include "check/checker.h"
#include "check/crash_report.h"
#include "check/expect.h"
#include "common/bf16.h"
#include "common/launch.cuh"

namespace alexnet::check {

namespace {

// y = x[N,C]^2; dx = 2 * x * dy.
struct SquareShape {
  int64_t count;
};
struct SquareFprop {
  static constexpr const char* family = "square";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_factors = true;
  static constexpr bool has_activations = true;
  using Shape = SquareShape;
  using Launch = Status (*)(const SquareShape&, const float* x, float* y, Stream);
};
struct SquareBprop {
  static constexpr const char* family = "square";
  static constexpr const char* pass = "bprop";
  using Shape = SquareShape;
  using Launch = Status (*)(const SquareShape&, const float* x, const float* dy, float* dx, Stream);
};

Status square_right(const SquareShape& s, const float* x, float* y, Stream) {
  for (int64_t i = 0; i < s.count; ++i) y[i] = x[i] * x[i];
  return {};
}
Status square_wrong(const SquareShape& s, const float* x, float* y, Stream stream) {
  ALEXNET_TRY(square_right(s, x, y, stream));
  y[7] += 0.01f;
  y[8] += 0.02f;
  return {};
}
Status square_unwritten(const SquareShape& s, const float* x, float* y, Stream stream) {
  return square_right({s.count - 1}, x, y, stream);
}
Status square_overrun(const SquareShape& s, const float* x, float* y, Stream stream) {
  ALEXNET_TRY(square_right(s, x, y, stream));
  y[s.count + 2] = 0.f;
  return {};
}
Status square_underrun(const SquareShape& s, const float* x, float* y, Stream stream) {
  ALEXNET_TRY(square_right(s, x, y, stream));
  y[-1] = 0.f;
  return {};
}
Status square_input_written(const SquareShape& s, const float* x, float* y, Stream stream) {
  ALEXNET_TRY(square_right(s, x, y, stream));
  const_cast<float*>(x)[3] = 0.f;
  return {};
}
// By way of a workspace as large as x.
Status square_workspace(const SquareShape& s, const float* x, float* y, Stream stream) {
  float* const work = static_cast<float*>(stream.workspace);
  for (int64_t i = 0; i < s.count; ++i) work[i] = x[i] * x[i];
  for (int64_t i = 0; i < s.count; ++i) y[i] = work[i];
  return {};
}
Status square_workspace_unwritten(const SquareShape& s, const float* x, float* y, Stream stream) {
  ALEXNET_TRY(square_right(s, x, y, stream));
  y[1] += static_cast<float*>(stream.workspace)[1];
  return {};
}
Status square_workspace_overrun(const SquareShape& s, const float* x, float* y, Stream stream) {
  static_cast<float*>(stream.workspace)[s.count] = 0.f;
  return square_right(s, x, y, stream);
}
Status square_refused(const SquareShape&, const float*, float*, Stream) { return {ALEXNET_UNSUPPORTED, "no today"}; }
// Within tolerance, but another value each time.
Status square_unsteady(const SquareShape& s, const float* x, float* y, Stream stream) {
  static int calls = 0;
  ALEXNET_TRY(square_right(s, x, y, stream));
  y[0] = std::nextafter(y[0], ++calls % 2 == 0 ? 2.f : -2.f);
  return {};
}

// Right whenever threads run in ascending order: each reads what the thread before it has written.
__global__ void racing_kernel(const float* x, float* y) {
  const int i = int(threadIdx.x);
  y[i] = x[i] * x[i];
  if (i > 0 && y[i - 1] != x[i - 1] * x[i - 1]) y[i] = 0.f;
}
Status square_racing(const SquareShape& s, const float* x, float* y, Stream stream) {
  return launch(racing_kernel, 1, unsigned(s.count), 0, stream, x, y);
}
// The last thread writes one element too many.
__global__ void overrun_kernel(const float* x, float* y) {
  const int i = int(threadIdx.x);
  y[i] = x[i] * x[i];
  if (i + 1 == int(blockDim.x)) y[i + 1] = 0.f;
}
constexpr int kOverrunLine = __LINE__ - 2;
Status square_kernel_overrun(const SquareShape& s, const float* x, float* y, Stream stream) {
  return launch(overrun_kernel, 1, unsigned(s.count), 0, stream, x, y);
}
__global__ void input_written_kernel(float* x, float* y) {
  const int i = int(threadIdx.x);
  y[i] = x[i] * x[i];
  if (i == 5) x[i] = 0.f;
}
Status square_kernel_input_written(const SquareShape& s, const float* x, float* y, Stream stream) {
  return launch(input_written_kernel, 1, unsigned(s.count), 0, stream, const_cast<float*>(x), y);
}
// A barrier is missing, though all values come out right in every schedule that runs warps one after another.
__global__ void faulty_kernel(const float* x, float* y) {
  __shared__ SharedArray<float, 1> last;
  const int i = int(threadIdx.x);
  last[0] = x[i];
  y[i] = x[i] * x[i];
}
Status square_faulty(const SquareShape& s, const float* x, float* y, Stream stream) {
  return launch(faulty_kernel, 1, unsigned(s.count), 0, stream, x, y);
}

std::vector<std::string> factors_of_square, stored_of_square;
Tolerance (*bound_of_square)(const SquareShape&, Algorithm) = nullptr;

Check<SquareFprop> square_check(int64_t rows = 5) {
  Check<SquareFprop> check;
  check.factors = factors_of_square;
  check.stored = stored_of_square;
  check.algorithm_tolerance = bound_of_square;
  check.run = [](SquareFprop::Launch launch, const SquareShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], stream);
  };
  check.reference = [](const SquareShape& s, Doubles& t) {
    for (int64_t i = 0; i < s.count; ++i) t["y"][i] = t["x"][i] * t["x"][i];
  };
  check.cases = {
      {"5x4", "two axes", {rows * 4}, {in("x", {rows, 4}), out("y", {rows, 4})}, Tolerance{4 * kFloatEpsilon, 0}}};
  return check;
}

template <int kFactor>
Check<SquareBprop> gradient_check() {
  Check<SquareBprop> check;
  check.reference = [](const SquareShape& s, Doubles& t) {
    for (int64_t i = 0; i < s.count; ++i) t["dx"][i] = kFactor * t["x"][i] * t["dy"][i];
  };
  check.loss = [](const SquareShape& s, Doubles& t) {
    double sum = 0;
    for (int64_t i = 0; i < s.count; ++i) sum += t["dy"][i] * t["x"][i] * t["x"][i];
    return sum;
  };
  check.gradients = {{"dx", "x"}};
  check.cases = {{"20", "any", {20}, {in("x", {20}), in("dy", {20}), out("dx", {20})}, Tolerance{}}};
  return check;
}

// The checks of the typed check, as kernel_check sees them.
template <class Pass>
AnyCheck untyped(const Check<Pass>& check) {
  const size_t before = checks().size();
  const CheckRegistration<Pass> registration(check);
  AnyCheck any = checks()[before];
  checks().pop_back();
  return any;
}

struct Result {
  Row row;
  std::string failures;
};

int64_t workspace_bytes(const SquareShape& s) { return s.count * int64_t(sizeof(float)); }

Variant<SquareFprop> tested(SquareFprop::Launch launch, const Device& device) {
  return {"tested", device.kind(), prefers<1>, workspace_bytes, launch, __FILE__};
}

Result run(const Variant<SquareFprop>& variant, Device& device) {
  variants<SquareFprop>() = {variant};
  Result result;
  Checker checker(1, "", [&](const std::string& failure) { result.failures += failure + "\n"; });
  const AnyCheck check = untyped(square_check());
  const bool modes[kModes] = {true, true, true, true};
  result.row = checker.check_variant(check, check.variants()[0], device, modes);
  return result;
}

Result run(SquareFprop::Launch launch, Device& device) { return run(tested(launch, device), device); }

int failed(const Result& result, Mode mode) { return result.row.tally[int(mode)].failed; }
int passed(const Result& result, Mode mode) { return result.row.tally[int(mode)].passed; }

void check_variants(Device& device) {
  const Result right = run(square_right, device);
  EXPECT(right.failures.empty());
  for (const Mode mode : {Mode::kTest, Mode::kRace, Mode::kRepeat}) EXPECT(passed(right, mode) == 1);

  const Result wrong = run(square_wrong, device);
  EXPECT(failed(wrong, Mode::kTest) == 1 && failed(wrong, Mode::kRepeat) == 0);
  EXPECT_TEXT(wrong.failures, "square/fprop/tested/emu/5x4", "seed 1", "y[1,3] is", "want", "2 of 20 elements",
              "again: kernel_check --test --filter 'square/fprop/tested/emu/5x4' --seed 1");

  EXPECT_TEXT(run(square_unwritten, device).failures, "y[4,3] is -nan", "1 of 20 elements");
  EXPECT_TEXT(run(square_overrun, device).failures, "something wrote after y", "9 bytes off");
  EXPECT_TEXT(run(square_underrun, device).failures, "something wrote before y", "4 bytes off");
  EXPECT_TEXT(run(square_input_written, device).failures, "the input x was written", "byte 12");
  EXPECT_TEXT(run(square_refused, device).failures, "no today");
  EXPECT(run(square_workspace, device).failures.empty());
  EXPECT_TEXT(run(square_workspace_unwritten, device).failures, "y[0,1] is -nan", "1 of 20 elements");
  EXPECT_TEXT(run(square_workspace_overrun, device).failures, "something wrote after the workspace of 80 bytes");

  // Who wrote: the line always, kernel, block and thread inside of a kernel.
  EXPECT_TEXT(run(square_overrun, device).failures, "9 bytes off: native/check/harness_check.cpp:");
  EXPECT_TEXT(run(square_workspace_overrun, device).failures, "of 80 bytes: native/check/harness_check.cpp:");
  EXPECT_TEXT(run(square_kernel_overrun, device).failures,
              "something wrote after y, 1 bytes off: kernel overrun_kernel, block (0,0,0), thread (19,0,0), ",
              format_text("native/check/harness_check.cpp:%d\n", kOverrunLine).c_str());
  EXPECT_TEXT(run(square_kernel_input_written, device).failures,
              "the input x was written, at byte 20: kernel input_written_kernel, block (0,0,0), thread (5,0,0), ");

  std::shared_ptr<Device> cpu;
  EXPECT(open_device(Kind::kCpu, 0, &cpu).ok());
  EXPECT_TEXT(run(square_underrun, *cpu).failures, "4 bytes off: native/check/harness_check.cpp:");

  const Result unsteady = run(square_unsteady, device);
  EXPECT(failed(unsteady, Mode::kTest) == 0 && failed(unsteady, Mode::kRepeat) == 1);
  EXPECT_TEXT(unsteady.failures, "y[0,0] is", "the same call twice");

  const Result racing = run(square_racing, device);
  EXPECT(failed(racing, Mode::kTest) == 0 && failed(racing, Mode::kRepeat) == 0 && failed(racing, Mode::kRace) == 1);
  EXPECT_TEXT(racing.failures, "reverse schedule");

  const Result faulty = run(square_faulty, device);
  EXPECT(failed(faulty, Mode::kTest) == 1);
  EXPECT_TEXT(faulty.failures, "kernel faulty_kernel", "race in shared memory");
}

// y = x^2 with x rounded to 11 significant bits: what a product of TF32 gives.
Status square_of_rounded(const SquareShape& s, const float* x, float* y, Stream) {
  for (int64_t i = 0; i < s.count; ++i) {
    int exponent = 0;
    const float fraction = std::frexp(x[i], &exponent);
    const float rounded = std::ldexp(std::nearbyint(fraction * 2048), exponent - 11);
    y[i] = rounded * rounded;
  }
  return {};
}

// Where the reference rounds the factors as well the bound stays float32's, so that one that is not rounded is found;
// where it does not the bound grows with the unit roundoff, which is float32's in 3xtf32. A variant is chosen for its
// own precision.
void check_precision(Device& device) {
  Variant<SquareFprop> variant = tested(square_of_rounded, device);
  EXPECT_TEXT(run(variant, device).failures, "want");
  variant.precision = Precision::kTf32;
  const Result rounded = run(variant, device);
  EXPECT(rounded.failures.empty() && passed(rounded, Mode::kTest) == 1);
  variant.launch = square_wrong;
  EXPECT_TEXT(run(variant, device).failures, "2 of 20 elements");
  EXPECT(unit_roundoff(Precision::kFp32) == std::ldexp(1, -24) &&
         unit_roundoff(Precision::kTf32) == std::ldexp(1, -11));
  EXPECT(unit_roundoff(Precision::kBf16) == std::ldexp(1, -8));
  EXPECT(unit_roundoff(Precision::kTf32x3) == unit_roundoff(Precision::kFp32));

  factors_of_square = {"x"};
  EXPECT_TEXT(run(variant, device).failures, "want");
  variant.launch = square_right;  // which does not round
  EXPECT_TEXT(run(variant, device).failures, "want");
  variant.launch = square_of_rounded;
  EXPECT(run(variant, device).failures.empty());
  variant.precision = Precision::kTf32x3;  // whose factors are as exact as float32's
  EXPECT_TEXT(run(variant, device).failures, "want");
  variant.launch = square_right;
  EXPECT(run(variant, device).failures.empty());
  variant.launch = square_of_rounded, variant.precision = Precision::kTf32;
  factors_of_square = {};

  variants<SquareFprop>() = {tested(square_right, device), variant};
  std::string why;
  const auto chosen = [&](Precision precision) {
    return choose<SquareFprop>({device.kind(), 0, precision}, {4}, &why);
  };
  EXPECT(chosen(Precision::kFp32)->launch == square_right);
  EXPECT(chosen(Precision::kTf32)->launch == square_of_rounded && chosen(Precision::kBf16) == nullptr);
}

// One of another algorithm is chosen for exactly that one, one of direct for any; its bound is the check's own.
void check_algorithm(Device& device) {
  Variant<SquareFprop> direct = tested(square_right, device), other = tested(square_wrong, device);
  other.algorithm = Algorithm::kWinograd4;
  other.prefer = prefers<9, SquareShape>;
  variants<SquareFprop>() = {direct, other};
  std::string why;
  const auto chosen = [&](Algorithm algorithm) {
    return choose<SquareFprop>({device.kind(), 0, Precision::kFp32, algorithm}, {4}, &why)->launch;
  };
  EXPECT(chosen(Algorithm::kDirect) == square_right && chosen(Algorithm::kWinograd2) == square_right);
  EXPECT(chosen(Algorithm::kWinograd4) == square_wrong);
  other.name = "other";
  variants<SquareFprop>() = {direct, other};
  const Target plain = {device.kind()};
  EXPECT(choose<SquareFprop>(plain, {4}, Forced{"other", "a test"}, &why) == nullptr);
  EXPECT_TEXT(why, "'other', which a test forces, is of algorithm winograd4; asked for is direct");
  other.algorithm = Algorithm::kDirect, other.precision = Precision::kTf32;
  variants<SquareFprop>() = {direct, other};
  EXPECT(choose<SquareFprop>(plain, {4}, Forced{"other", "a test"}, &why) == nullptr);
  EXPECT_TEXT(why, "'other', which a test forces, is of precision tf32; asked for is fp32");
  other.algorithm = Algorithm::kWinograd4, other.precision = Precision::kFp32;
  variants<SquareFprop>() = {direct, other};
  EXPECT_TEXT(run(other, device).failures, "2 of 20 elements");  // it is checked, by direct's bound
  bound_of_square = [](const SquareShape&, Algorithm algorithm) {
    return Tolerance{0, algorithm == Algorithm::kWinograd4 ? 1e9 : 0};
  };
  EXPECT(run(other, device).failures.empty());
  other.algorithm = Algorithm::kWinograd2;
  EXPECT_TEXT(run(other, device).failures, "2 of 20 elements");
  EXPECT_TEXT(run(tested(square_wrong, device), device).failures, "2 of 20 elements");
  bound_of_square = nullptr;
}

// y = x^2 of what is stored as bf16, rounded by `round`.
template <uint16_t (*round)(uint32_t bits)>
Status square_stored(const SquareShape& s, const float* x, float* y, Stream) {
  for (int64_t i = 0; i < s.count; ++i) {
    const float value = as_bf16(x)[i], square = value * value;
    uint32_t bits;
    std::memcpy(&bits, &square, sizeof bits);
    as_bf16(y)[i] = Bf16::of(round(bits));
  }
  return {};
}
uint16_t round_nearest(uint32_t bits) { return bf16_bits(bits); }
uint16_t cut_off(uint32_t bits) { return uint16_t(bits >> 16); }

// In bf16 a case has half the bytes of what is stored, its reference sees the rounded inputs, and a result may be off
// by one rounding of its own.
void check_stored(Device& device) {
  Variant<SquareFprop> variant = tested(square_stored<round_nearest>, device);
  variant.precision = Precision::kBf16;
  EXPECT_TEXT(run(variant, device).failures, "want");  // nothing is stored as bf16
  stored_of_square = {"x", "y"};
  EXPECT(run(variant, device).failures.empty());
  variant.launch = square_stored<cut_off>;
  EXPECT_TEXT(run(variant, device).failures, "want", "0.00391 * |want|");
  variant.launch = square_right;  // of float32: twice as long
  EXPECT_TEXT(run(variant, device).failures, "something wrote after y");
  stored_of_square = {};
}

// On a GPU alone, of `direct` alone, where another variant refused the shape and the environment asked for nothing.
void check_slow_choice() {
  const auto few = [](const SquareShape& s, const Target&) { return s.count < 100 ? 2 : 0; };
  const Kind cuda = Kind::kCuda;
  variants<SquareFprop>() = {{"direct", cuda, prefers<1>, workspace_bytes, square_right, __FILE__},
                             {"quick", cuda, few, workspace_bytes, square_right, __FILE__}};
  const auto said = [](Kind kind, int64_t count) {
    for (Variant<SquareFprop>& variant : variants<SquareFprop>()) variant.kind = kind;
    std::string why;
    const Variant<SquareFprop>* chosen = choose<SquareFprop>({kind}, {count}, &why);
    return slow_choice(Target{kind}, {count}, forced_by_environment("square", "fprop"), *chosen);
  };
  EXPECT(said(cuda, 100) ==
         "square fprop: the plain kernel `direct` runs, which is slow; quick does not take this shape");
  EXPECT(said(cuda, 99).empty() && said(Kind::kEmu, 100).empty());
  setenv("ALEXNET_SQUARE_FPROP", "direct", 1);
  EXPECT(said(cuda, 100).empty());
  unsetenv("ALEXNET_SQUARE_FPROP");
}

// Of a pass that has variants of the algorithm asked for, where none takes the shape and nobody forced another.
void check_direct_choice() {
  const auto few = [](const SquareShape& s, const Target&) { return s.count < 100 ? 2 : 0; };
  Variant<SquareFprop> winograd = {"winograd", Kind::kCpu, few, workspace_bytes, square_right, __FILE__};
  winograd.algorithm = Algorithm::kWinograd2;
  const Variant<SquareFprop> direct = {"panels", Kind::kCpu, prefers<1>, workspace_bytes, square_right, __FILE__};
  variants<SquareFprop>() = {direct, winograd};
  const auto said = [](Algorithm algorithm, int64_t count) {
    Target target = {Kind::kCpu};
    target.algorithm = algorithm;
    std::string why;
    const Variant<SquareFprop>* chosen = choose<SquareFprop>(target, {count}, &why);
    return direct_choice(target, forced_by_environment("square", "fprop"), *chosen);
  };
  EXPECT(said(Algorithm::kWinograd2, 100) ==
         "square fprop: winograd2 does not take this shape; it is multiplied directly");
  EXPECT(said(Algorithm::kWinograd2, 99).empty() && said(Algorithm::kDirect, 100).empty());
  EXPECT(said(Algorithm::kWinograd4, 100).empty());  // the pass has none
  setenv("ALEXNET_SQUARE_FPROP", "panels", 1);
  EXPECT(said(Algorithm::kWinograd2, 100).empty());
  unsetenv("ALEXNET_SQUARE_FPROP");
}

// What the prepare step writes is what the launcher finds.
Status square_prepare(const SquareShape& s, const float* x, float* y, Stream stream) {
  const void* const written[] = {x, y, reinterpret_cast<const void*>(s.count)};
  std::memcpy(stream.prepared, written, sizeof written);
  return {};
}
Status square_prepared(const SquareShape&, const float* x, float* y, Stream stream) {
  const void* found[3];
  std::memcpy(found, stream.prepared, sizeof found);
  ALEXNET_REQUIRE(found[0] == x && found[1] == y, ALEXNET_INTERNAL, "prepared for other arrays");
  return square_right({int64_t(reinterpret_cast<uintptr_t>(found[2]))}, x, y, stream);
}

void check_prepare(Device& device) {
  Variant<SquareFprop> variant = tested(square_prepared, device);
  variant.prepare = square_prepare;
  variant.prepared_bytes = 3 * sizeof(void*);
  EXPECT(run(variant, device).failures.empty());
}

// A store far outside ends the program, as it must; before, it says in which case, kernel, block, thread and line.
__global__ void wild_kernel(const float* x, float* y) {
  if (threadIdx.x == 3) y[int64_t(1) << 40] = x[0];
}
Status square_wild(const SquareShape& s, const float* x, float* y, Stream stream) {
  return launch(wild_kernel, 1, unsigned(s.count), 0, stream, x, y);
}

void check_crash(Device& device) {
  std::FILE* const text = std::tmpfile();
  EXPECT(text != nullptr);
  if (text == nullptr) return;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(fileno(text), STDERR_FILENO);
    report_crashes();
    run(square_wild, device);
    _exit(0);
  }
  int status = 0;
  EXPECT(waitpid(child, &status, 0) == child);
  std::rewind(text);
  std::string said(4096, '\0');
  said.resize(std::fread(said.data(), 1, said.size(), text));
  std::fclose(text);
#if defined(__SANITIZE_ADDRESS__)
  EXPECT(WIFEXITED(status) && WEXITSTATUS(status) != 0);
  EXPECT_TEXT(said, "wild_kernel");
#else
  EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
  EXPECT_TEXT(said, "FAILED square/fprop/tested/emu/5x4: signal 11",
              "kernel wild_kernel, block (0,0,0), thread (3,0,0)", "native/check/harness_check.cpp:");
#endif
}

// What is not run is counted, or said to be for other variants: never silent.
void check_left_out(Device& device) {
  variants<SquareFprop>() = {tested(square_right, device)};
  const bool modes[kModes] = {true, false, false, false};
  const auto row = [&](int64_t most_values, const char* name) {
    Check<SquareFprop> typed = square_check();
    typed.cases[0].name = name;
    const AnyCheck named = untyped(typed);
    return Checker(
               1, "", [](const std::string&) {}, 1, most_values)
        .check_variant(named, named.variants()[0], device, modes);
  };
  EXPECT(row(40, "5x4").left_out == 0 && row(40, "5x4").tally[int(Mode::kTest)].passed == 1);
  EXPECT(row(39, "5x4").left_out == 1 && row(39, "5x4").tally[int(Mode::kTest)].passed == 0);
  EXPECT(row(40, "tile-64").tally[int(Mode::kTest)].passed == 0);  // `tested` has no tiles
  variants<SquareFprop>()[0].name = "mma_tf32";
  EXPECT(row(40, "tile-64").tally[int(Mode::kTest)].passed == 1);
}

void check_gradients() {
  std::string failures;
  Checker checker(1, "", [&](const std::string& failure) { failures += failure; });
  const Row right = checker.check_reference(untyped(gradient_check<2>()));
  EXPECT(right.tally[int(Mode::kGrad)].passed == 1 && failures.empty());
  const Row wrong = checker.check_reference(untyped(gradient_check<3>()));
  EXPECT(wrong.tally[int(Mode::kGrad)].failed == 1);
  EXPECT_TEXT(failures, "square/bprop/reference", "dx[0] is", "the central difference by x is");
}

// --bench of one variant on 20 elements, whose fill of the output is `element` or the whole reference.
int timed(SquareFprop::Launch launch, bool by_element, Device& device, bool* right) {
  variants<SquareFprop>() = {{"tested", Kind::kCpu, prefers<1>, no_workspace<SquareShape>, launch, __FILE__}};
  Check<SquareFprop> typed = square_check();
  typed.layers = [](int32_t N) { return square_check(N).cases; };
  if (by_element) {
    typed.element = [](const SquareShape&, Doubles& t, int64_t i) { return t["x"][i] * t["x"][i]; };
  }
  BenchOptions options;
  options.batch = 5;
  options.samples = 5;
  options.threads = 1;
  Bench bench(options, device, {100, 0, 10, 1024, "assumed"});
  EXPECT(bench.run({untyped(typed)}, right).ok());
  return bench.timed();
}

// What is wrong, or leaves something unwritten, gets no time.
void check_bench() {
  std::shared_ptr<Device> cpu;
  EXPECT(open_device(Kind::kCpu, 0, &cpu).ok());
  Ceilings measured;
  EXPECT(measure_cpu_ceilings(Cores(), &measured).ok());
  EXPECT(measured.fma_gflops > 1 && measured.copy_gbs > 0.1 && measured.cache_bytes > 0);
  for (const bool by_element : {false, true}) {
    bool right = false;
    EXPECT(timed(square_right, by_element, *cpu, &right) == 1 && right);
    EXPECT(timed(square_wrong, by_element, *cpu, &right) == 0 && !right);
    EXPECT(timed(square_unwritten, by_element, *cpu, &right) == 0 && !right);
    EXPECT(timed(square_refused, by_element, *cpu, &right) == 0 && !right);
  }
  const Ceilings ceilings = {100, 0, 10, 1024, "assumed"};
  // 100 us of arithmetic and 50 us of memory, done in 200 us; the times of the samples are 190 to 210.
  const Measurement m = evaluate({190, 200, 200, 200, 210}, 1e7, 5e5, ceilings);
  EXPECT(m.samples == 5 && m.median_us == 200 && std::abs(m.spread_percent - 5) < 1e-9);
  EXPECT(std::abs(m.gflops - 50) < 1e-9 && std::abs(m.gbs - 2.5) < 1e-9 && std::abs(m.roofline_percent - 50) < 1e-9);
}

}  // namespace

std::vector<AnyCheck>& checks() {
  static std::vector<AnyCheck> all;
  return all;
}

}  // namespace alexnet::check

int main() {
  std::shared_ptr<alexnet::Device> device;
  EXPECT(alexnet::open_device(alexnet::Kind::kEmu, 0, &device).ok());
  alexnet::check::check_variants(*device);
  alexnet::check::check_precision(*device);
  alexnet::check::check_algorithm(*device);
  alexnet::check::check_stored(*device);
  alexnet::check::check_prepare(*device);
  alexnet::check::check_slow_choice();
  alexnet::check::check_direct_choice();
  alexnet::check::check_crash(*device);
  alexnet::check::check_left_out(*device);
  alexnet::check::check_gradients();
  alexnet::check::check_bench();
  return alexnet::check::expectations().finish();
}
