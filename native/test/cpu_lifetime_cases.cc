// SPDX-License-Identifier: Apache-2.0
// Who may outlive whom; sessions with settings of their own; host memory.
#include <malloc.h>
#include <unistd.h>

#include "cpu_cases.h"
#include "cpu_harness.h"
#include "cpu_models.h"

namespace cpu_test {
namespace {

Engine add_engine() {
  const Built built = build({add_model(), {}});
  succeeded(built);
  return load(built.payload);
}

backend_tensor sum_of(backend_session* session, float first, float second) {
  float x[] = {first, second};
  Run run(session, {tensor(0, {1, 2}, x, sizeof x)}, {pooled(0)});
  succeeded(run.wait());
  return run.outputs[0];
}

float first_of(const backend_tensor& tensor) { return static_cast<const float*>(tensor.data)[0]; }

void two_sessions_close_in_either_order() {
  for (const bool first_before : {true, false}) {
    const Engine engine = add_engine();
    Session first = make_session(engine);
    Session second = make_session(engine, 2, {{"threads", "1"}, {"spinMicros", "0"}});
    Session& early = first_before ? first : second;
    Session& late = first_before ? second : first;
    early.reset();
    const backend_tensor sum = sum_of(late.get(), 1, 2);
    CHECK(first_of(sum) == 11);
    api().release(sum.pooled);
  }
}

void outputs_outlive_session_and_engine() {
  Engine engine = add_engine();
  Session session = make_session(engine);
  const backend_tensor kept = sum_of(session.get(), 1, 2);
  const backend_tensor other = sum_of(session.get(), 3, 4);
  session.reset();
  engine.reset();
  CHECK(first_of(kept) == 11 && first_of(other) == 13);
  static_cast<float*>(kept.data)[1] = 7;
  api().release(kept.pooled);
  CHECK(first_of(other) == 13);
  api().release(other.pooled);
}

void closing_drains_what_was_submitted() {
  const Engine engine = add_engine();
  Session session = make_session(engine, 2);
  float x[] = {1, 2};
  float sums[8][2] = {};
  std::vector<std::unique_ptr<Run>> runs;
  for (float* const sum : {sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7]}) {
    runs.push_back(std::make_unique<Run>(session.get(), std::vector<backend_tensor>{tensor(0, {1, 2}, x, sizeof x)},
                                         std::vector<backend_tensor>{tensor(0, {1, 2}, sum, 8)}));
  }
  session.reset();
  for (const auto& run : runs) CHECK(run->wait().status == BACKEND_OK);
  for (const auto& sum : sums) CHECK(sum[0] == 11 && sum[1] == 22);
}

void settings_are_told_and_refused() {
  const Engine engine = add_engine();
  const Session session =
      make_session(engine, 2, {{"threads", "2"}, {"optimize", "basic"}, {"arena", "0"}, {"spinning", "0"}});
  std::string text;
  const backend_sink sink{append, &text};
  succeeded(outcome_of(
      [&](backend_error* error) { return api().session_control(session.get(), "describe", nullptr, &sink, error); }));
  CHECK(text == R"({"lanes":2,"threads":2,"optimize":"basic","arena":false,"spinning":false})");
  const backend_tensor sum = sum_of(session.get(), 5, 6);
  CHECK(first_of(sum) == 15);
  api().release(sum.pooled);

  Session refused;
  CHECK(try_session(engine.get(), 0, {}, refused).status == BACKEND_INVALID_ARGUMENT);
  CHECK(try_session(engine.get(), 1, {{"thread", "1"}}, refused).status == BACKEND_INVALID_ARGUMENT);
  CHECK(try_session(engine.get(), 1, {{"threads", "-1"}}, refused).status == BACKEND_INVALID_ARGUMENT);
  CHECK(try_session(engine.get(), 1, {{"threads", "2x"}}, refused).status == BACKEND_INVALID_ARGUMENT);
  CHECK(try_session(engine.get(), 1, {{"optimize", "most"}}, refused).status == BACKEND_INVALID_ARGUMENT);
  CHECK(refused == nullptr);
}

void describes_and_refuses_unknown_verbs() {
  const Engine engine = add_engine();
  std::string text;
  const backend_sink sink{append, &text};
  const auto ask = [&](const char* verb) {
    return outcome_of(
        [&](backend_error* error) { return api().engine_control(engine.get(), verb, nullptr, &sink, error); });
  };
  succeeded(ask("describe"));
  CHECK(text.find(R"("graphName":"tiny")") != std::string::npos && text.find(R"("owner":"test")") != std::string::npos);
  CHECK(ask("refit").status == BACKEND_UNSUPPORTED && ask(nullptr).status == BACKEND_UNSUPPORTED);
}

void host_memory_is_aligned_zeroed_and_limited() {
  const Engine engine = add_engine();
  Session session = make_session(engine);
  void* data = nullptr;
  const auto alloc = [&](size_t bytes) {
    return outcome_of([&](backend_error* error) { return api().host_alloc(session.get(), bytes, &data, error); });
  };
  succeeded(alloc(10'000));
  CHECK(reinterpret_cast<uintptr_t>(data) % 4096 == 0);
  for (size_t i = 0; i < 10'000; ++i) CHECK(static_cast<char*>(data)[i] == 0);
  session.reset();
  static_cast<char*>(data)[9'999] = 1;
  api().host_free(data);
  session = make_session(engine);
  succeeded(alloc(0));
  api().host_free(data);
  CHECK(alloc(SIZE_MAX).status == BACKEND_OUT_OF_MEMORY);
  CHECK(alloc(size_t{1} << 50).status == BACKEND_OUT_OF_MEMORY);
}

void leaves_no_telemetry() {
  const Engine engine = add_engine();
  const std::string log = "/tmp/mat-debug-" + std::to_string(getpid()) + ".log";  // ONNX Runtime 1.30's
  CHECK(access(log.c_str(), F_OK) != 0);
}

void probes_good_and_bad_libraries() {
  const auto probe = [](const Options& options, std::string& report) {
    const std::vector<backend_option> list = c_options(options);
    const backend_sink sink{append, &report};
    return outcome_of([&](backend_error* error) { return api().probe(list.data(), list.size(), &sink, error); });
  };
  std::string good, missing, wrong, none, ignored;
  succeeded(probe({{"onnxruntime", library_path()}}, good));
  CHECK(good.find(R"({"usable":true,"reason":null,"remedy":null,"version":"1.)") == 0);
  CHECK(good.find(R"("limits":{"maxRank":16}})") != std::string::npos);
  succeeded(probe({{"onnxruntime", "/nowhere/libonnxruntime.so"}}, missing));
  CHECK(missing.find(R"({"usable":false,"reason":"/nowhere/)") == 0);
  succeeded(probe({{"onnxruntime", "libm.so.6"}}, wrong));
  CHECK(wrong.find(R"("usable":false)") != std::string::npos);
  succeeded(probe({}, none));
  CHECK(none.find(R"("usable":false)") != std::string::npos);
  CHECK(probe({{"path", "x"}}, ignored).status == BACKEND_INVALID_ARGUMENT);
  CHECK(trtn_cpu_get_api(BACKEND_ABI_MAJOR + 1) == nullptr);
}

#ifdef __SANITIZE_ADDRESS__
extern "C" size_t __sanitizer_get_current_allocated_bytes();
size_t allocated_bytes() { return __sanitizer_get_current_allocated_bytes(); }
#else
size_t allocated_bytes() {
  const struct mallinfo2 facts = mallinfo2();
  return facts.uordblks + facts.hblkhd;
}
#endif

// Everything that makes an object of ONNX Runtime, failures included. LeakSanitizer cannot tell whose object a leaked
// one is when ONNX Runtime allocated it; a count of bytes can.
void live_once() {
  Engine engine = add_engine();
  Session session = make_session(engine, 2, {{"threads", "1"}});
  const backend_tensor kept = sum_of(session.get(), 1, 2);
  float x[] = {1, 2};
  float sum[4];
  Run into(session.get(), {tensor(0, {1, 2}, x, 8)}, {tensor(0, {1, 2}, sum, 8), pooled(1)});
  succeeded(into.wait());
  api().release(into.outputs[1].pooled);
  Run refused(session.get(), {tensor(0, {1, 2}, x, 8)}, {pooled(1), tensor(0, {2, 2}, sum, 16)});
  CHECK(refused.wait().status == BACKEND_SHAPE);
  CHECK(build({"no model", {}}).status == BACKEND_MODEL);
  CHECK(try_session(engine.get(), 1, {{"optimize", "most"}}, session).status == BACKEND_INVALID_ARGUMENT);
  engine.reset();
  api().release(kept.pooled);
}

void a_life_leaves_nothing_behind() {
  for (int i = 0; i < 10; ++i) live_once();  // caches of ONNX Runtime fill
  const size_t before = allocated_bytes();
  constexpr size_t kLives = 400;
  for (size_t i = 0; i < kLives; ++i) live_once();
  const size_t after = allocated_bytes();
  std::printf("  %zu bytes more after %zu lives\n", after > before ? after - before : 0, kLives);
  constexpr size_t kSmallestObject = 40;  // of ONNX Runtime's; an OrtValue needs more
  CHECK(after < before + kLives * kSmallestObject);
}

}  // namespace

void add_lifetime_cases(std::vector<Case>& cases) {
  cases.insert(cases.end(),
               {{"lifetime: two sessions close in either order", two_sessions_close_in_either_order},
                {"lifetime: outputs outlive session and engine", outputs_outlive_session_and_engine},
                {"lifetime: closing drains what was submitted", closing_drains_what_was_submitted},
                {"lifetime: settings are told and refused", settings_are_told_and_refused},
                {"lifetime: describes and refuses unknown verbs", describes_and_refuses_unknown_verbs},
                {"lifetime: host memory is aligned, zeroed and limited", host_memory_is_aligned_zeroed_and_limited},
                {"lifetime: a life leaves nothing behind", a_life_leaves_nothing_behind},
                {"lifetime: leaves no telemetry", leaves_no_telemetry},
                {"lifetime: probes good and bad libraries", probes_good_and_bad_libraries}});
}

}  // namespace cpu_test
