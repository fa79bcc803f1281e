// SPDX-License-Identifier: Apache-2.0
// TensorRT's four shapes, build, load, run.
#include <vector>

#include "sim_loaded.h"

namespace sim_test {

namespace {

using onnx_writer::Graph;
using onnx_writer::kFloat;

std::vector<float> run(const Loaded& sim, trt::Context& context, const std::vector<float>& x) {
  void* in = nullptr;
  void* out = nullptr;
  trt::Stream stream = nullptr;
  const size_t bytes = x.size() * sizeof(float);
  OK(sim.malloc(&in, bytes));
  OK(sim.malloc(&out, bytes));
  OK(sim.makeStream(&stream, 1));
  OK(sim.memcpy(in, x.data(), bytes, 1));
  CHECK(context.setInputShape("x", dims(static_cast<int64_t>(x.size() / 2), 2)));
  CHECK(context.setInputAddress("x", in) && context.setTensorAddress("y", out));
  CHECK(context.inferShapes(nullptr, 0) == 0 && context.tensorShape("y").d[0] == static_cast<int64_t>(x.size() / 2));
  CHECK(context.enqueue(stream));
  OK(sim.synchronize(stream));
  std::vector<float> y(x.size());
  OK(sim.memcpy(y.data(), out, bytes, 2));
  CHECK(!context.setTensorAddress("y", static_cast<char*>(out) + 4));  // not a multiple of 256
  OK(sim.free(out));
  CHECK(!context.enqueue(stream));  // freed memory
  OK(sim.free(in));
  OK(sim.destroyStream(stream));
  return y;
}

void buildsLoadsAndRuns(const Loaded& sim) {
  std::string plan = build(*sim.library, model(), 4);
  const auto runtime = sim.library->createRuntime();
  CHECK(runtime->deserialize(plan.data(), plan.size() - 1) == nullptr);
  plan[26] = static_cast<char>(plan[26] + 1);
  CHECK(runtime->deserialize(plan.data(), plan.size()) == nullptr);  // of another version
  plan[26] = static_cast<char>(plan[26] - 1);
  const auto engine = runtime->deserialize(plan.data(), plan.size());
  CHECK(engine != nullptr && engine->tensors() == 2 && engine->isInput("x") && engine->layers() == 2);
  CHECK(engine->profileShape("x", 0, trt::Selector::kMax).d[0] == 4);
  const auto context = engine->createContext(trt::ContextOptions());
  CHECK(!context->setInputShape("x", dims(5, 2)));  // outside of the profile
  CHECK((run(sim, *context, {1, 2, 3, 4}) == std::vector<float>{3, 3, 7, 7}));
  CHECK(number(sim.json("violations"), "unregistered") == 1 && number(sim.json("violations"), "misaligned") == 1);
}

void unsupportedOperatorsAreNamed(const Loaded& sim) {
  Graph graph;
  graph.nodes = {onnx_writer::node("Det", {"x"}, {"y"})};
  graph.inputs = {onnx_writer::value("x", kFloat, {2, 2})};
  graph.outputs = {onnx_writer::value("y", kFloat, {})};
  const std::string onnx = onnx_writer::model(graph);
  const auto builder = sim.library->createBuilder();
  const auto network = builder->createNetwork();
  const auto parser = builder->createParser(*network);
  CHECK(!parser->parse(onnx.data(), onnx.size(), nullptr));
  const auto errors = parser->errors();
  CHECK(errors.size() == 1 && errors[0].nodeOperator == "Det" && errors[0].node == 0);
}

void theDriverIsNeededWhereItReallyIs(const Loaded& sim, bool rtx) {
  const std::string plan = build(*sim.library, model(), 4);
  CHECK(sim.set("driver", "35") == 1);
  CHECK((sim.library->createBuilder() != nullptr) == rtx);
  const auto runtime = sim.library->createRuntime();  // the adapter takes the bogus pointer for none
  CHECK((runtime != nullptr) == rtx);
  CHECK(!rtx || runtime->deserialize(plan.data(), plan.size()) == nullptr);
  CHECK(sim.set("driver", "0") == 1);
}

}  // namespace

void trtCases(const std::string& folder) {
  for (const Flavour& flavour : kFlavours) {
    const Loaded sim(folder, flavour);
    buildsLoadsAndRuns(sim);
    consumedInputsMayBeOverwritten(sim);
    unsupportedOperatorsAreNamed(sim);
    theDriverIsNeededWhereItReallyIs(sim, flavour.name[0] == 'r');
    const std::string live = sim.json("live");
    for (const char* const kind : {"builders", "networks", "configs", "blobs", "parsers", "runtimes", "engines",
                                   "contexts", "streams", "deviceBlocks"}) {
      if (number(live, kind) != 0) std::fprintf(stderr, "%s: %s\n", flavour.name, live.c_str());
      CHECK(number(live, kind) == 0);
    }
  }
}

}  // namespace sim_test
