// SPDX-License-Identifier: Apache-2.0
// TensorRT's four shapes, through the same adapters that the backend uses: build, load, run.
#include <dlfcn.h>

#include <cstring>
#include <vector>

#include "onnx_writer.h"
#include "sim_cases.h"
#include "tensorrt/trt.h"

namespace sim_test {

namespace {

using onnx_writer::Graph;
using onnx_writer::kFloat;

struct Flavour {
  const char* name;
  trt::Shape shape;
  const char* cudart;
  const char* tensorrt;
  const char* parser;
};

constexpr Flavour kFlavours[] = {
    {"trt10", trt::Shape::k10, "libcudart.so.12", "libnvinfer.so.10", "libnvonnxparser.so.10"},
    {"trt11", trt::Shape::k11, "libcudart.so.13", "libnvinfer.so.11", "libnvonnxparser.so.11"},
    {"rtx10", trt::Shape::kRtx10, "libcudart.so.12", "libtensorrt_rtx.so.1", "libtensorrt_onnxparser_rtx.so.1"},
    {"rtx11", trt::Shape::kRtx11, "libcudart.so.13", "libtensorrt_rtx.so.1", "libtensorrt_onnxparser_rtx.so.1"}};

template <class T>
void find(T& function, void* library, const char* name) {
  function = reinterpret_cast<T>(dlsym(library, name));
  CHECK(function != nullptr);
}

// The libraries of one flavour, with the CUDA functions that the cases need.
struct Loaded {
  Loaded(const std::string& folder, const Flavour& flavour) {
    const auto open = [&](const char* name) {
      void* const library = dlopen((folder + "/" + flavour.name + "/" + name).c_str(), RTLD_NOW | RTLD_LOCAL);
      if (library == nullptr) std::fprintf(stderr, "%s\n", dlerror());
      CHECK(library != nullptr);
      return library;
    };
    void* const cuda = open(flavour.cudart);
    void* const tensorrt = open(flavour.tensorrt);
    void* const parser = open(flavour.parser);
    find(malloc, cuda, "cudaMalloc");
    find(free, cuda, "cudaFree");
    find(memcpy, cuda, "cudaMemcpy");
    find(makeStream, cuda, "cudaStreamCreateWithFlags");
    find(destroyStream, cuda, "cudaStreamDestroy");
    find(synchronize, cuda, "cudaStreamSynchronize");
    find(set, cuda, "sim_set");
    find(get, cuda, "sim_get");
    trt::EntryPoints entries;
    find(entries.createInferBuilder, tensorrt, "createInferBuilder_INTERNAL");
    find(entries.createInferRuntime, tensorrt, "createInferRuntime_INTERNAL");
    find(entries.createInferRefitter, tensorrt, "createInferRefitter_INTERNAL");
    find(entries.createParser, parser, "createNvOnnxParser_INTERNAL");
    find(entries.createParserRefitter, parser, "createNvOnnxParserRefitter_INTERNAL");
    find(entries.pluginRegistry, tensorrt, "getPluginRegistry");
    int (*part)() = nullptr;
    trt::Version version;
    find(part, tensorrt, "getInferLibMajorVersion");
    version.major = part();
    find(part, tensorrt, "getInferLibMinorVersion");
    version.minor = part();
    version.rtx = flavour.name[0] == 'r';
    CHECK(trt::shapeOf(version, false) == flavour.shape);
    library = trt::makeLibrary(flavour.shape, entries, version);
  }
  std::string json(const char* what) const {
    char* const text = get(what);
    std::string out = text;
    std::free(text);
    return out;
  }

  int (*malloc)(void**, size_t) = nullptr;
  int (*free)(void*) = nullptr;
  int (*memcpy)(void*, const void*, size_t, int) = nullptr;
  int (*makeStream)(trt::Stream*, unsigned) = nullptr;
  int (*destroyStream)(trt::Stream) = nullptr;
  int (*synchronize)(trt::Stream) = nullptr;
  int (*set)(const char*, const char*) = nullptr;
  char* (*get)(const char*) = nullptr;
  std::unique_ptr<trt::Library> library;
};

trt::Dims dims(int64_t rows, int64_t columns) { return {2, {rows, columns}}; }

// y = x · w + x, x [N, 2].
std::string model() {
  Graph graph;
  graph.nodes = {onnx_writer::node("MatMul", {"x", "w"}, {"m"}), onnx_writer::node("Add", {"m", "x"}, {"y"})};
  graph.initializers = {onnx_writer::constant<float>("w", kFloat, {2, 2}, {0, 1, 1, 0})};
  graph.inputs = {onnx_writer::value("x", kFloat, {-1, 2})};
  graph.outputs = {onnx_writer::value("y", kFloat, {-1, 2})};
  return onnx_writer::model(graph);
}

std::string build(trt::Library& library, const std::string& onnx, int64_t rows) {
  const auto builder = library.createBuilder();
  CHECK(builder != nullptr);
  const auto network = builder->createNetwork();
  const auto parser = builder->createParser(*network);
  CHECK(parser->parse(onnx.data(), onnx.size(), nullptr));
  const auto profile = builder->createProfile();
  CHECK(profile->setDimensions("x", trt::Selector::kMin, dims(1, 2)));
  CHECK(profile->setDimensions("x", trt::Selector::kOpt, dims(rows, 2)));
  CHECK(profile->setDimensions("x", trt::Selector::kMax, dims(rows, 2)));
  const auto config = builder->createConfig();
  CHECK(config->addProfile(*profile) == 0);
  const auto plan = builder->build(*network, *config);
  CHECK(plan != nullptr);
  return std::string(static_cast<const char*>(plan->data()), plan->size());
}

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
