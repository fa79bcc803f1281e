// SPDX-License-Identifier: Apache-2.0
// Building and loading: payloads, facts, refusals, cancellation.
#include <random>

#include "cpu_cases.h"
#include "cpu_folder.h"
#include "cpu_harness.h"
#include "cpu_models.h"

namespace cpu_test {
namespace {

void builds_a_payload_that_tells_its_inputs_and_outputs() {
  const Built built = build({add_model(), {}});
  succeeded(built);
  CHECK(built.facts.find(R"({"onnxruntime":"1.)") == 0);
  CHECK(built.facts.find(R"("graphName":"tiny")") != std::string::npos);
  CHECK(built.facts.find(R"("custom":{"owner":"test"})") != std::string::npos);
  const Engine engine = load(built.payload);
  const backend_io* items = nullptr;
  size_t count = 0;
  succeeded(outcome_of([&](backend_error* error) { return api().engine_io(engine.get(), &items, &count, error); }));
  CHECK(count == 3 && std::string(items[0].name) == "x" && items[0].direction == BACKEND_INPUT);
  CHECK(items[0].type == BACKEND_FLOAT32 && items[0].rank == 2 && items[0].dims[0] == -1 && items[0].dims[1] == 2);
  CHECK(std::string(items[0].dim_names[0]) == "N" && std::string(items[0].dim_names[1]).empty());
  CHECK(std::string(items[1].name) == "sum" && items[2].direction == BACKEND_OUTPUT);
}

void keeps_the_bytes_when_nothing_is_optimised() {
  const Built built = build({add_model(), {{"optimize", "none"}}});
  succeeded(built);
  CHECK(built.payload == add_model());
}

void refuses_paths_that_are_no_model() {
  Folder folder;
  const std::string nowhere = folder.path() + "/nothing.onnx";
  const Built missing = build({"", {}, nowhere.c_str()});
  CHECK(missing.status == BACKEND_INVALID_ARGUMENT && says(missing, "No such file"));
  const Built directory = build({"", {}, folder.path().c_str()});
  CHECK(directory.status == BACKEND_INVALID_ARGUMENT && says(directory, "directory"));
  const std::string empty = folder.write("empty.onnx", "");
  CHECK(build({"", {}, empty.c_str()}).status == BACKEND_MODEL);
  CHECK(build({"", {}}).status == BACKEND_MODEL);
  CHECK(build({add_model(), {{"level", "1"}}}).status == BACKEND_INVALID_ARGUMENT);
  CHECK(build({add_model(), {{"optimize", "all"}}}).status == BACKEND_INVALID_ARGUMENT);
}

void refuses_damaged_models() {
  const std::string good = add_model();
  std::mt19937 random(7);
  Engine engine;
  CHECK(try_load("", engine).status == BACKEND_ENGINE);
  for (size_t length = 1; length < good.size(); length += 7) {
    const std::string cut = good.substr(0, length);
    CHECK(build({cut, {}}).status == BACKEND_MODEL);
    CHECK(try_load(cut, engine).status != BACKEND_OK);
  }
  for (int i = 0; i < 200; ++i) {
    std::string noise(random() % 400 + 1, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    CHECK(build({noise, {}}).status != BACKEND_OK);
    CHECK(try_load(noise, engine).status != BACKEND_OK);
    std::string flipped = good;
    flipped[random() % flipped.size()] ^= static_cast<char>(1u << (random() % 8));
    (void)build({flipped, {}});  // may still be a model; it must only not crash
    (void)try_load(flipped, engine);
  }
  CHECK(try_load(std::string(64, '\xff'), engine).status == BACKEND_ENGINE);
}

void refuses_invalid_graphs() {
  using namespace onnx_writer;
  const std::string in = value("x", kFloat, {1});
  const std::string out = value("y", kFloat, {1});
  const Built unknown = build({model({{node("Frobnicate", {"x"}, {"y"})}, {}, {in}, {out}}), {}});
  CHECK(unknown.status == BACKEND_MODEL && says(unknown, "Frobnicate"));
  const Built cycle =
      build({model({{node("Add", {"x", "y"}, {"z"}), node("Neg", {"z"}, {"y"})}, {}, {in}, {out}}), {}});
  CHECK(cycle.status == BACKEND_MODEL);
  const Built missing = build({model({{node("Add", {"x", "w"}, {"y"})}, {}, {in}, {out}}), {}});
  CHECK(missing.status == BACKEND_MODEL);
}

void refuses_what_is_no_tensor_of_numbers() {
  using namespace onnx_writer;
  const std::string out = value("y", kFloat, {1});
  const Built text = build(
      {model({{node("Identity", {"s"}, {"y"})}, {}, {value("s", kString, {1})}, {value("y", kString, {1})}}), {}});
  CHECK(text.status == BACKEND_UNSUPPORTED && says(text, "'s' is a tensor of strings"));
  const Built sequence = build(
      {model({{node("SequenceConstruct", {"x"}, {"q"})}, {}, {value("x", kFloat, {1})}, {sequence_value("q")}}), {}});
  CHECK(sequence.status == BACKEND_UNSUPPORTED && says(sequence, "'q' is a sequence"));
  const Dims deep(17, 1);
  const Built ranks =
      build({model({{node("Neg", {"x"}, {"y"})}, {}, {value("x", kFloat, deep)}, {value("y", kFloat, deep)}}), {}});
  CHECK(ranks.status == BACKEND_UNSUPPORTED && says(ranks, "17 dimensions"));
}

struct Watcher {
  std::vector<std::string> steps;
  std::mutex mutex;
  int polls = 0;
  int stop_at_poll = 0;
  const char* stop_at_phase = nullptr;
  backend_observer observer{sizeof(backend_observer), this, on_progress, on_cancelled, nullptr};

  static int32_t on_progress(void* user, const char* phase, const char*, int32_t step, int32_t steps) {
    auto& self = *static_cast<Watcher*>(user);
    const std::lock_guard<std::mutex> lock(self.mutex);
    self.steps.push_back(std::string(phase) + " " + std::to_string(step) + "/" + std::to_string(steps));
    return self.stop_at_phase == nullptr || self.stop_at_phase != std::string(phase);
  }
  static int32_t on_cancelled(void* user) {
    auto& self = *static_cast<Watcher*>(user);
    const std::lock_guard<std::mutex> lock(self.mutex);
    return self.stop_at_poll > 0 && ++self.polls >= self.stop_at_poll;
  }
};

void reports_progress_and_stops_when_asked() {
  Folder folder;
  const std::string path = folder.write("model.onnx", add_model());
  Watcher seen;
  succeeded(build({"", {}, path.c_str(), {}, &seen.observer}));
  const std::vector<std::string> expected = {"read 0/1",     "read 1/1",  "optimise 0/1",
                                             "optimise 1/1", "write 0/1", "write 1/1"};
  CHECK(seen.steps == expected);
  for (const char* phase : {"read", "optimise", "write"}) {
    Watcher stop;
    stop.stop_at_phase = phase;
    const Built built = build({"", {}, path.c_str(), {}, &stop.observer});
    CHECK(built.status == BACKEND_CANCELLED && built.payload.empty() && built.facts.empty());
  }
}

// An initializer that is an input too: ONNX Runtime warns that it is no constant.
void passes_warnings_on() {
  using namespace onnx_writer;
  const std::string text = model({{node("Add", {"x", "b"}, {"y"})},
                                  {constant<float>("b", kFloat, {1}, {1})},
                                  {value("x", kFloat, {1}), value("b", kFloat, {1})},
                                  {value("y", kFloat, {1})}});
  std::string logged;
  backend_observer observer{};
  observer.struct_size = sizeof observer;
  observer.user = &logged;
  observer.log = [](void* user, backend_log_level level, const char* line) {
    if (level == BACKEND_LOG_WARNING) static_cast<std::string*>(user)->append(line);
  };
  succeeded(build({text, {}, nullptr, {}, &observer}));
  CHECK(logged.find("appears in graph inputs") != std::string::npos);
}

// Thousands of constants to fold keep ONNX Runtime busy for long enough to be interrupted.
std::string laborious_model() {
  using namespace onnx_writer;
  Graph graph;
  graph.initializers = {constant<float>("c0", kFloat, {1}, {1})};
  for (int i = 0; i < 6000; ++i) {
    const std::string from = "c" + std::to_string(i);
    graph.nodes.push_back(node("Add", {from, "x"}, {"c" + std::to_string(i + 1)}));
  }
  graph.inputs = {value("x", kFloat, {1})};
  graph.outputs = {value("c6000", kFloat, {1})};
  return model(graph);
}

void stops_while_onnx_runtime_works() {
  const std::string text = laborious_model();
  Watcher by_poll;
  by_poll.stop_at_poll = 2;  // the first is asked before the work begins, the second in the middle of it
  const Built built = build({text, {}, nullptr, {}, &by_poll.observer});
  CHECK(built.status == BACKEND_CANCELLED && built.payload.empty());
  Watcher again;
  again.stop_at_poll = 2;
  Engine engine;
  CHECK(try_load(text, engine, {}, &again.observer).status == BACKEND_CANCELLED && engine == nullptr);
}

}  // namespace

void add_build_cases(std::vector<Case>& cases) {
  cases.insert(cases.end(),
               {{"build: tells inputs and outputs", builds_a_payload_that_tells_its_inputs_and_outputs},
                {"build: keeps the bytes when nothing is optimised", keeps_the_bytes_when_nothing_is_optimised},
                {"build: refuses paths that are no model", refuses_paths_that_are_no_model},
                {"build: refuses damaged models", refuses_damaged_models},
                {"build: refuses invalid graphs", refuses_invalid_graphs},
                {"build: refuses what is no tensor of numbers", refuses_what_is_no_tensor_of_numbers},
                {"build: reports progress and stops when asked", reports_progress_and_stops_when_asked},
                {"build: passes warnings on", passes_warnings_on},
                {"build: stops while ONNX Runtime works", stops_while_onnx_runtime_works}});
}

}  // namespace cpu_test
