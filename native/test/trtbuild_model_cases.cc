// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "onnx_writer.h"
#include "tensorrt/build_thread.h"
#include "tensorrt/driver.h"
#include "tensorrt/elf.h"
#include "tensorrt/model.h"
#include "trtbuild_cases.h"

namespace trtbuild_test {
namespace {

Refusal open(const std::string& model, const char* path = nullptr, const backend_external* external = nullptr) {
  backend_build_request request{};
  request.struct_size = sizeof request;
  request.model = model.data();
  request.model_bytes = model.size();
  request.model_path = path;
  request.externals = external;
  request.external_count = external == nullptr ? 0 : 1;
  trtn::Progress progress(nullptr);
  return refusalOf([&] {
    const trt::Model opened(request, progress);
    if (external != nullptr) CHECK(opened.bytes() > model.size());  // the weights are in it now
  });
}

std::string tiny(const std::string& weights = "") {
  using namespace onnx_writer;
  Graph graph;
  graph.nodes = {node("Relu", {"x"}, {"y"})};
  graph.inputs = {value("x", kFloat, {1, 3})};
  graph.outputs = {value("y", kFloat, {1, 3})};
  if (!weights.empty()) graph.initializers = {external_tensor("w", {4096}, weights)};
  return model(graph);
}

void refusesWhatIsNoModel() {
  CHECK(open(tiny()).status == BACKEND_OK);
  CHECK(open("").says("empty: 0 bytes"));
  CHECK(open("plain text, not ONNX").says("not an ONNX model"));
  CHECK(open(tiny().substr(0, tiny().size() - 3)).says("cut short"));
  CHECK(open(onnx_writer::Message().number(1, 8).str()).says("it has no graph"));
  backend_build_request nothing{};
  trtn::Progress progress(nullptr);
  CHECK(refusalOf([&] { const trt::Model opened(nothing, progress); }).says("received neither"));
}

void findsWeightsOutsideOfTheModel() {
  CHECK(open(tiny("../w.bin"), "/models/m.onnx").says("outside of its own folder"));
  CHECK(open(tiny("w.bin")).says("was not given"));
  CHECK(open(tiny("w.bin"), "/nowhere/m.onnx").says("/nowhere/w.bin: No such file"));
  const std::string weights(4096 * 4, '\1');
  const backend_external given{"w.bin", weights.data(), weights.size()};
  CHECK(open(tiny("w.bin"), nullptr, &given).status == BACKEND_OK);
}

void namesWhatNothingMakes() {
  using namespace onnx_writer;
  Graph graph;
  graph.nodes = {node("Add", {"x", "lost"}, {"a"}), node("Clip", {"a", "", "high"}, {"y"})};
  graph.inputs = {value("x", kFloat, {1, 3})};
  graph.outputs = {value("y", kFloat, {1, 3})};
  graph.initializers = {constant<float>("high", kFloat, {}, {1})};
  const std::string made = model(graph);
  CHECK((trt::danglingTensors(made.data(), made.size()) == std::vector<std::string>{"lost"}));
  CHECK(trt::danglingTensors("text", 4).empty());
}

void saysWhenALibraryIsForAnotherMachine() {
  const std::string path = "/tmp/trtbuild-" + std::to_string(getpid()) + ".so";
  const auto with = [&](uint16_t machine) {
    std::string header(
        "\x7f"
        "ELF\2\1\1",
        7);
    header.resize(64, '\0');
    header[18] = static_cast<char>(machine);
    std::ofstream(path, std::ios::binary) << header;
    return trt::otherMachine(path);
  };
  const std::string arm = with(183);
  const std::string x86 = with(62);
  CHECK(arm.empty() != x86.empty());  // one of the two is this machine
  CHECK((arm + x86).find("it is built for") == 0);
  std::ofstream(path) << "text";
  CHECK(trt::otherMachine(path).empty() && trt::otherMachine("/nowhere").empty() &&
        trt::otherMachine("libc.so").empty());
  std::remove(path.c_str());
}

}  // namespace

void modelCases() {
  namesWhatNothingMakes();
  saysWhenALibraryIsForAnotherMachine();
  refusesWhatIsNoModel();
  findsWeightsOutsideOfTheModel();
}

void driverCases() {
  const auto explain = [](int code, int driver, int devices) {
    trt::DriverState state;
    state.driverVersion = driver;
    state.runtimeVersion = 13000;
    state.devices = devices;
    trt::explainDriver(code, state);
    return state.reason + " " + state.remedy;
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  CHECK(explain(0, 13000, 1) == " ");
  CHECK(has(explain(35, 0, 0), "no NVIDIA driver"));
  CHECK(has(explain(35, 12040, 0), "serves CUDA up to 12.4") && has(explain(35, 12040, 0), "libraries for CUDA 12"));
  CHECK(has(explain(100, 13000, 0), "no CUDA device is visible") && has(explain(0, 13000, 0), "CUDA_VISIBLE_DEVICES"));
  CHECK(has(explain(802, 13000, 0), "fabric manager"));
  CHECK(has(explain(803, 13000, 0), "Reboot"));
  CHECK(has(explain(804, 13000, 0), "cuda-compat"));
  CHECK(has(explain(999, 13000, 0), "nvidia_uvm"));
  CHECK(has(explain(77, 13000, 0), "error 77"));
  CHECK(refusalOf([] { trt::requireDriver({}); }).says("No CUDA runtime (libcudart) was found"));
  CHECK(refusalOf([] { trt::requireDriver({"/nowhere/libcudart.so.13"}); }).says("/nowhere/libcudart.so.13"));
}

namespace {

void buildsOfADeviceTakeTurns() {
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      trtn::Progress quiet(nullptr);
      for (int k = 0; k < 10; ++k) {
        const trt::BuildTurn turn(7, quiet);
        most = std::max<int>(most, ++inside);
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most == 1);
}

}  // namespace

void turnCases() {
  buildsOfADeviceTakeTurns();
  struct Ending {
    int asked = 0;
  } ending;
  backend_observer observer{};
  observer.struct_size = sizeof observer;
  observer.user = &ending;
  observer.cancelled = [](void* user) -> int32_t { return ++static_cast<Ending*>(user)->asked > 1; };
  trtn::Progress progress(&observer);
  trtn::Progress quiet(nullptr);
  const trt::BuildTurn first(0, quiet);
  const trt::BuildTurn elsewhere(1, quiet);  // another device waits for nobody
  CHECK(refusalOf([&] { const trt::BuildTurn second(0, progress); }).status == BACKEND_CANCELLED);
  CHECK(refusalOf([] {
          trt::runOnLargeStack([] { throw trt::Error(BACKEND_SHAPE, "thrown there"); });
        }).says("thrown there"));
  trt::runOnLargeStack([] {
    volatile char deep[size_t{32} << 20];  // four times what a thread has by default
    deep[0] = 1;
    deep[sizeof deep - 1] = deep[0];
  });
}

}  // namespace trtbuild_test
