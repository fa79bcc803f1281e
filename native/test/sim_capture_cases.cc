// SPDX-License-Identifier: Apache-2.0
// Capture and graphs: what they do and what they forbid.
#include <cstring>
#include <thread>

#include "sim_cases.h"

namespace sim_test {

namespace {

void aGraphRepeatsWhatWasCaptured() {
  Rig rig(64);
  trt::CudaGraph graph = nullptr;
  trt::CudaGraphExec exec = nullptr;
  OK(cudaStreamBeginCapture(rig.stream, 1));
  OK(cudaMemcpyAsync(rig.device, rig.host, 64, 1, rig.stream));
  OK(cudaStreamEndCapture(rig.stream, &graph));
  size_t nodes = 0;
  OK(cudaGraphGetNodes(graph, nullptr, &nodes));
  CHECK(nodes == 1);
  OK(cudaGraphInstantiateWithFlags(&exec, graph, 0));
  OK(cudaGraphDestroy(graph));
  for (const char value : {'a', 'b'}) {
    std::memset(rig.host, value, 64);
    OK(cudaGraphLaunch(exec, rig.stream));
    OK(cudaStreamSynchronize(rig.stream));
    std::memset(rig.host, 0, 64);
    OK(cudaMemcpyAsync(rig.host, rig.device, 64, 2, rig.stream));
    OK(cudaStreamSynchronize(rig.stream));
    CHECK(static_cast<char*>(rig.host)[63] == value);
  }
  OK(cudaGraphExecDestroy(exec));
}

// @returns what the end of a capture says, in which `during` was done.
template <class Do>
int endAfter(Rig& rig, Do during) {
  OK(cudaStreamBeginCapture(rig.stream, 1));
  during();
  trt::CudaGraph graph = nullptr;
  const int code = cudaStreamEndCapture(rig.stream, &graph);
  if (code == 0) OK(cudaGraphDestroy(graph));
  return code;
}

void forbiddenCallsBreakTheCapture() {
  Rig rig(64);
  void* memory = nullptr;
  CHECK(endAfter(rig, [&] { CHECK(cudaMalloc(&memory, 64) == 900); }) == 901);
  CHECK(endAfter(rig, [&] { CHECK(cudaStreamSynchronize(rig.stream) == 900); }) == 901);
  CHECK(endAfter(rig, [&] { CHECK(cudaDeviceSynchronize() == 900); }) == 901);
  const trt::Event outside = event();
  OK(cudaEventRecord(outside, rig.stream));
  CHECK(endAfter(rig, [&] { CHECK(cudaStreamWaitEvent(rig.stream, outside, 0) == 905); }) == 901);
  CHECK(endAfter(rig, [&] {
          OK(cudaEventRecord(outside, rig.stream));
          CHECK(cudaEventSynchronize(outside) == 907);
        }) == 901);
  CHECK(endAfter(rig, [&] { std::thread([&] { OK(cudaMalloc(&memory, 64)); }).join(); }) == 0);  // thread-local
  OK(cudaFree(memory));
  OK(cudaEventDestroy(outside));
}

void aCaptureEndsOnItsOwnThreadAndStream() {
  Rig rig(64);
  OK(cudaStreamBeginCapture(rig.stream, 1));
  trt::CudaGraph graph = nullptr;
  std::thread([&] { CHECK(cudaStreamEndCapture(rig.stream, &graph) == 908); }).join();
  OK(cudaStreamEndCapture(rig.stream, &graph));
  OK(cudaGraphDestroy(graph));
}

void aForkHasToJoin() {
  Rig rig(64);
  Rig other(64);
  const trt::Event fork = event();
  const trt::Event join = event();
  const auto forked = [&] {
    OK(cudaEventRecord(fork, rig.stream));
    OK(cudaStreamWaitEvent(other.stream, fork, 0));
    OK(cudaMemcpyAsync(other.device, other.host, 64, 1, other.stream));
  };
  CHECK(endAfter(rig, forked) == 904);
  CHECK(endAfter(rig, [&] {
          forked();
          OK(cudaEventRecord(join, other.stream));
          OK(cudaStreamWaitEvent(rig.stream, join, 0));
        }) == 0);
  OK(cudaEventDestroy(fork));
  OK(cudaEventDestroy(join));
}

void anExternalEventIsRecordedByEachLaunch() {
  set("copyInNs", "5000000");
  Rig rig(64);
  const trt::Event done = event();
  trt::CudaGraph graph = nullptr;
  trt::CudaGraphExec exec = nullptr;
  OK(cudaStreamBeginCapture(rig.stream, 1));
  OK(cudaMemcpyAsync(rig.device, rig.host, 64, 1, rig.stream));
  OK(cudaEventRecordWithFlags(done, rig.stream, 1));
  OK(cudaStreamEndCapture(rig.stream, &graph));
  OK(cudaGraphInstantiateWithFlags(&exec, graph, 0));
  for (int i = 0; i < 2; ++i) {
    OK(cudaGraphLaunch(exec, rig.stream));
    CHECK(cudaEventQuery(done) == trt::cuda::kNotReady);
    OK(cudaEventSynchronize(done));
    OK(cudaStreamQuery(rig.stream));
  }
  OK(cudaGraphExecDestroy(exec));
  OK(cudaGraphDestroy(graph));
  OK(cudaEventDestroy(done));
  set("copyInNs", "0");
}

void aDestroyedStreamEndsItsCapture() {
  {
    Rig rig(64);
    OK(cudaStreamBeginCapture(rig.stream, 1));
    OK(cudaStreamDestroy(rig.stream));
    rig.stream = nullptr;
    void* memory = nullptr;
    OK(cudaMalloc(&memory, 64));
    OK(cudaFree(memory));
  }
  CHECK(violations("unknownHandle") == 1);  // the rig's own: there is no stream any more
}

}  // namespace

void captureCases() {
  aGraphRepeatsWhatWasCaptured();
  forbiddenCallsBreakTheCapture();
  aCaptureEndsOnItsOwnThreadAndStream();
  aForkHasToJoin();
  anExternalEventIsRecordedByEachLaunch();
  aDestroyedStreamEndsItsCapture();
  for (const char* const kind : {"graphs", "graphExecs", "streams", "events", "deviceBlocks"}) CHECK(live(kind) == 0);
}

}  // namespace sim_test
