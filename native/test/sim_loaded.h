// SPDX-License-Identifier: Apache-2.0
// TensorRT's four shapes, loaded through the same adapters that the backend uses.
#ifndef TENSORRT_NODE_TEST_SIM_LOADED_H_
#define TENSORRT_NODE_TEST_SIM_LOADED_H_

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "onnx_writer.h"
#include "sim_cases.h"
#include "tensorrt/trt.h"

namespace sim_test {

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
    find(memcpyAsync, cuda, "cudaMemcpyAsync");
    find(hostAlloc, cuda, "cudaHostAlloc");
    find(freeHost, cuda, "cudaFreeHost");
    find(makeEvent, cuda, "cudaEventCreateWithFlags");
    find(destroyEvent, cuda, "cudaEventDestroy");
    find(waitEvent, cuda, "cudaStreamWaitEvent");
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
  int (*memcpyAsync)(void*, const void*, size_t, int, trt::Stream) = nullptr;
  int (*hostAlloc)(void**, size_t, unsigned) = nullptr;
  int (*freeHost)(void*) = nullptr;
  int (*makeEvent)(trt::Event*, unsigned) = nullptr;
  int (*destroyEvent)(trt::Event) = nullptr;
  int (*waitEvent)(trt::Stream, trt::Event, unsigned) = nullptr;
  int (*makeStream)(trt::Stream*, unsigned) = nullptr;
  int (*destroyStream)(trt::Stream) = nullptr;
  int (*synchronize)(trt::Stream) = nullptr;
  int (*set)(const char*, const char*) = nullptr;
  char* (*get)(const char*) = nullptr;
  std::unique_ptr<trt::Library> library;
};

inline trt::Dims dims(int64_t rows, int64_t columns) { return {2, {rows, columns}}; }

// y = x · w + x, x [N, 2].
inline std::string model() {
  onnx_writer::Graph graph;
  graph.nodes = {onnx_writer::node("MatMul", {"x", "w"}, {"m"}), onnx_writer::node("Add", {"m", "x"}, {"y"})};
  graph.initializers = {onnx_writer::constant<float>("w", onnx_writer::kFloat, {2, 2}, {0, 1, 1, 0})};
  graph.inputs = {onnx_writer::value("x", onnx_writer::kFloat, {-1, 2})};
  graph.outputs = {onnx_writer::value("y", onnx_writer::kFloat, {-1, 2})};
  return onnx_writer::model(graph);
}

inline std::string build(trt::Library& library, const std::string& onnx, int64_t rows) {
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

void consumedInputsMayBeOverwritten(const Loaded& sim);  // sim_consumed_cases.cc

}  // namespace sim_test

#endif  // TENSORRT_NODE_TEST_SIM_LOADED_H_
