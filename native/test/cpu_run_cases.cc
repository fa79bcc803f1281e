// SPDX-License-Identifier: Apache-2.0
// Running: inputs, outputs, shapes, refusals, cancellation.
#include <chrono>
#include <thread>

#include "cpu_cases.h"
#include "cpu_harness.h"
#include "cpu_models.h"

namespace cpu_test {
namespace {

struct Ready {
  Engine engine;
  Session session;
};

Ready ready(const std::string& model, int32_t lanes = 1) {
  const Built built = build({model, {}});
  succeeded(built);
  Ready result{load(built.payload), nullptr};
  result.session = make_session(result.engine, lanes);
  return result;
}

float at(const backend_tensor& tensor, size_t index) { return static_cast<const float*>(tensor.data)[index]; }

void computes_into_pooled_outputs() {
  const Ready add = ready(add_model());
  float x[] = {1, 2, 3, 4};
  Run run(add.session.get(), {tensor(0, {2, 2}, x, sizeof x)}, {pooled(1), pooled(0)});
  succeeded(run.wait());
  CHECK(run.outputs[0].rank == 2 && run.outputs[0].dims[0] == 2 && run.outputs[0].dims[1] == 2);
  CHECK(run.outputs[0].bytes == 16 && at(run.outputs[0], 0) == -9 && at(run.outputs[0], 3) == -16);
  CHECK(at(run.outputs[1], 0) == 11 && at(run.outputs[1], 3) == 24);
  CHECK(run.timings.compute_ns > 0 && run.timings.copies == 0);
  for (const backend_tensor& output : run.outputs) api().release(output.pooled);
}

void computes_only_the_wanted_subset() {
  const Ready add = ready(add_model());
  float x[] = {1, 2};
  Run run(add.session.get(), {tensor(0, {1, 2}, x, sizeof x)}, {pooled(1)});
  succeeded(run.wait());
  CHECK(at(run.outputs[0], 1) == -18);
  api().release(run.outputs[0].pooled);
}

void writes_in_place_when_the_shape_is_given() {
  const Ready add = ready(add_model());
  float x[] = {1, 2};
  float sum[4] = {0, 0, -1, -1};
  Run run(add.session.get(), {tensor(0, {1, 2}, x, sizeof x)}, {tensor(0, {1, 2}, sum, sizeof sum)});
  succeeded(run.wait());
  CHECK(sum[0] == 11 && sum[1] == 22 && sum[2] == -1 && run.outputs[0].bytes == 8 && run.timings.copies == 0);
}

void copies_once_when_only_a_capacity_is_given() {
  const Ready add = ready(add_model());
  float x[] = {1, 2};
  float sum[4] = {0, 0, -1, -1};
  backend_tensor wanted = tensor(0, {}, sum, sizeof sum);
  wanted.rank = -1;
  Run run(add.session.get(), {tensor(0, {1, 2}, x, sizeof x)}, {wanted});
  succeeded(run.wait());
  CHECK(sum[0] == 11 && sum[2] == -1 && run.timings.copies == 1);
  CHECK(run.outputs[0].bytes == 8 && run.outputs[0].rank == 2 && run.outputs[0].dims[0] == 1);
  wanted.bytes = 4;
  Run small(add.session.get(), {tensor(0, {1, 2}, x, sizeof x)}, {wanted});
  CHECK(small.wait().status == BACKEND_SHAPE && says(small, "needs 8"));
  Run half(add.session.get(), {tensor(0, {1, 2}, x, sizeof x)}, {pooled(1), wanted});  // LeakSanitizer watches
  CHECK(half.wait().status == BACKEND_SHAPE && half.outputs[0].pooled == nullptr);
}

void refuses_an_output_shape_that_is_not_the_real_one() {
  const Ready add = ready(add_model());
  float x[] = {1, 2};
  float sum[8];
  Run run(add.session.get(), {tensor(0, {1, 2}, x, sizeof x)}, {tensor(0, {2, 2}, sum, sizeof sum)});
  CHECK(run.wait().status == BACKEND_SHAPE && says(run, "{1,2}") && says(run, "{2,2}"));
  Run narrow(add.session.get(), {tensor(0, {1, 2}, x, sizeof x)}, {tensor(0, {2, 2}, sum, 8)});
  CHECK(narrow.wait().status == BACKEND_SHAPE && says(narrow, "needs 16"));
}

// Graph outputs that no node computes: ONNX Runtime must still fill the caller's memory, not replace it.
void fills_given_buffers_for_outputs_without_a_node() {
  using namespace onnx_writer;
  const std::string text = model(
      {{node("Identity", {"x"}, {"y"}), node("Reshape", {"x", "shape"}, {"flat"})},
       {constant<float>("c", kFloat, {2}, {5, 6}), constant<int64_t>("shape", kInt64, {1}, {2})},
       {value("x", kFloat, {1, 2})},
       {value("y", kFloat, {1, 2}), value("flat", kFloat, {2}), value("c", kFloat, {2}), value("x", kFloat, {1, 2})}});
  for (const char* level : {"none", "all"}) {
    const Built built = build({text, {{"optimize", "none"}}});
    succeeded(built);
    const Engine engine = load(built.payload, {{"optimize", level}});
    const Session session = make_session(engine);
    float x[] = {1, 2};
    float y[2] = {}, flat[2] = {}, c[2] = {}, same[2] = {};
    Run run(session.get(), {tensor(0, {1, 2}, x, 8)},
            {tensor(0, {1, 2}, y, 8), tensor(1, {2}, flat, 8), tensor(2, {2}, c, 8), tensor(3, {1, 2}, same, 8)});
    succeeded(run.wait());
    CHECK(y[1] == 2 && flat[1] == 2 && c[0] == 5 && c[1] == 6 && same[1] == 2);
    Run own(session.get(), {tensor(0, {1, 2}, x, 8)}, {pooled(0), pooled(1), pooled(2), pooled(3)});
    succeeded(own.wait());
    CHECK(at(own.outputs[0], 1) == 2 && at(own.outputs[1], 1) == 2 && at(own.outputs[2], 1) == 6);
    CHECK(at(own.outputs[3], 1) == 2 && own.outputs[3].data != x);
    static_cast<float*>(own.outputs[2].data)[1] = 7;  // not the model's own constant
    Run next(session.get(), {tensor(0, {1, 2}, x, 8)}, {tensor(2, {2}, c, 8)});
    CHECK(next.wait().status == BACKEND_OK && c[1] == 6);
    for (const backend_tensor& output : own.outputs) api().release(output.pooled);
  }
}

void takes_dimensions_of_zero() {
  const Ready add = ready(add_model());
  Run run(add.session.get(), {tensor(0, {0, 2}, nullptr, 0)}, {pooled(0), tensor(1, {0, 2}, nullptr, 0)});
  succeeded(run.wait());
  CHECK(run.outputs[0].bytes == 0 && run.outputs[0].dims[0] == 0 && run.outputs[0].dims[1] == 2);
  api().release(run.outputs[0].pooled);
}

void takes_scalars() {
  using namespace onnx_writer;
  const Ready neg = ready(model({{node("Neg", {"x"}, {"y"})}, {}, {value("x", kFloat, {})}, {value("y", kFloat, {})}}));
  float x = 3;
  Run run(neg.session.get(), {tensor(0, {}, &x, 4)}, {pooled(0)});
  succeeded(run.wait());
  CHECK(run.outputs[0].rank == 0 && run.outputs[0].bytes == 4 && at(run.outputs[0], 0) == -3);
  api().release(run.outputs[0].pooled);
}

void refuses_inputs_that_do_not_fit() {
  const Ready add = ready(add_model());
  backend_session* session = add.session.get();
  float x[16] = {};
  const auto status_of = [&](std::vector<backend_tensor> inputs) {
    Run run(session, std::move(inputs), {pooled(0)});
    return run.wait().status;
  };
  CHECK(status_of({tensor(0, {1, 3}, x, 12)}) == BACKEND_SHAPE);
  CHECK(status_of({tensor(0, {2}, x, 8)}) == BACKEND_SHAPE);
  CHECK(status_of({tensor(0, {-1, 2}, x, 8)}) == BACKEND_SHAPE);
  CHECK(status_of({tensor(0, {INT64_MAX, 2}, x, 8)}) == BACKEND_SHAPE);
  CHECK(status_of({tensor(0, {1, 2}, x, 12)}) == BACKEND_SHAPE);
  CHECK(status_of({tensor(0, {1, 2}, nullptr, 8)}) == BACKEND_SHAPE);
  CHECK(status_of({}) == BACKEND_INVALID_ARGUMENT);
  CHECK(status_of({tensor(1, {1, 2}, x, 8)}) == BACKEND_INVALID_ARGUMENT);
  CHECK(status_of({tensor(0, {1, 2}, x, 8), tensor(0, {1, 2}, x, 8)}) == BACKEND_INVALID_ARGUMENT);
  Run none(session, {tensor(0, {1, 2}, x, 8)}, {});
  CHECK(none.wait().status == BACKEND_INVALID_ARGUMENT);
  Run twice(session, {tensor(0, {1, 2}, x, 8)}, {pooled(0), pooled(0)});
  CHECK(twice.wait().status == BACKEND_INVALID_ARGUMENT);
}

// Not under sanitizers: their operator new ends the process where others throw.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void reports_memory_that_is_not_to_be_had() {
  const Ready zeros = ready(zeros_model());
  int64_t shape[] = {int64_t{1} << 20, int64_t{1} << 20};
  Run run(zeros.session.get(), {tensor(0, {2}, shape, sizeof shape)}, {pooled(0)});
  CHECK(run.wait().status == BACKEND_OUT_OF_MEMORY);
  int64_t small[] = {2, 3};
  Run after(zeros.session.get(), {tensor(0, {2}, small, sizeof small)}, {pooled(0)});
  succeeded(after.wait());
  CHECK(after.outputs[0].bytes == 24 && at(after.outputs[0], 5) == 0);
  api().release(after.outputs[0].pooled);
  int64_t negative[] = {-2, 3};
  Run refused(zeros.session.get(), {tensor(0, {2}, negative, sizeof negative)}, {pooled(0)});
  CHECK(refused.wait().status == BACKEND_DEVICE);
}
#endif

void stops_in_the_middle_and_runs_again() {
  const Ready slow = ready(slow_model(400));
  std::vector<float> matrix(512 * 512, 0);
  const backend_tensor input = tensor(0, {512, 512}, matrix.data(), matrix.size() * 4);
  const auto begun = std::chrono::steady_clock::now();
  Run run(slow.session.get(), {input}, {pooled(0)});
  Run queued(slow.session.get(), {input}, {pooled(0)});
  std::this_thread::sleep_for(std::chrono::milliseconds(30));  // until the first surely runs: nothing tells
  api().cancel(slow.session.get(), &queued);
  CHECK(queued.wait().status == BACKEND_CANCELLED);
  api().cancel(slow.session.get(), &run);
  CHECK(run.wait().status == BACKEND_CANCELLED);
  const auto spent = std::chrono::steady_clock::now() - begun;
  std::printf("  stopped after %lld ms\n", static_cast<long long>(spent / std::chrono::milliseconds(1)));

  const Ready short_one = ready(slow_model(1));
  Run again(short_one.session.get(), {input}, {pooled(0)});
  succeeded(again.wait());
  api().release(again.outputs[0].pooled);
}

void keeps_lanes_apart() {
  const Ready add = ready(add_model(), 3);
  std::vector<float> x(64);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  std::vector<std::unique_ptr<Run>> runs;
  for (size_t i = 0; i < 32; ++i) {
    runs.push_back(std::make_unique<Run>(add.session.get(),
                                         std::vector<backend_tensor>{tensor(0, {1, 2}, &x[2 * i], 8)},
                                         std::vector<backend_tensor>{pooled(0)}));
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    succeeded(runs[i]->wait());
    CHECK(at(runs[i]->outputs[0], 0) == static_cast<float>(2 * i + 10));
    api().release(runs[i]->outputs[0].pooled);
  }
}

}  // namespace

void add_run_cases(std::vector<Case>& cases) {
  cases.insert(
      cases.end(),
      {{"run: computes into pooled outputs", computes_into_pooled_outputs},
       {"run: computes only the wanted subset", computes_only_the_wanted_subset},
       {"run: writes in place when the shape is given", writes_in_place_when_the_shape_is_given},
       {"run: copies once when only a capacity is given", copies_once_when_only_a_capacity_is_given},
       {"run: refuses an output shape that is not the real one", refuses_an_output_shape_that_is_not_the_real_one},
       {"run: fills given buffers for outputs without a node", fills_given_buffers_for_outputs_without_a_node},
       {"run: takes dimensions of zero", takes_dimensions_of_zero},
       {"run: takes scalars", takes_scalars},
       {"run: refuses inputs that do not fit", refuses_inputs_that_do_not_fit},
       {"run: stops in the middle and runs again", stops_in_the_middle_and_runs_again},
       {"run: keeps lanes apart", keeps_lanes_apart}});
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  cases.push_back({"run: reports memory that is not to be had", reports_memory_that_is_not_to_be_had});
#endif
}

}  // namespace cpu_test
