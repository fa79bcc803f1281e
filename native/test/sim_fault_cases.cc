// SPDX-License-Identifier: Apache-2.0
// Faults that were asked for, a lost device, and a driver that is not there.
#include "sim_cases.h"

namespace sim_test {

namespace {

void theNthCallFails() {
  void* memory[3] = {};
  set("fault", "cudaMalloc:2:2");
  OK(cudaMalloc(&memory[0], 64));
  CHECK(cudaMalloc(&memory[1], 64) == 2 && memory[1] == nullptr);
  OK(cudaMalloc(&memory[2], 64));
  OK(cudaFree(memory[0]));
  set("fault", "cudaFree:-1:999");
  CHECK(cudaFree(memory[2]) == 999);  // and frees all the same
  set("clearFaults", "");
  CHECK(live("deviceBlocks") == 0);
}

void aStickyErrorLosesTheDevice() {
  set("copyInNs", "5000000");
  Rig rig(64);
  const trt::Event done = event();
  set("fault", "async:copyIn:1:700");
  OK(cudaMemcpyAsync(rig.device, rig.host, 64, 1, rig.stream));
  int called = 0;
  OK(cudaLaunchHostFunc(rig.stream, [](void* user) { ++*static_cast<int*>(user); }, &called));
  OK(cudaEventRecord(done, rig.stream));
  CHECK(cudaEventSynchronize(done) == 700);
  CHECK(called == 0);  // never, after an error
  void* memory = nullptr;
  CHECK(cudaMalloc(&memory, 64) == 700 && cudaStreamSynchronize(rig.stream) == 700);
  CHECK(cudaGetLastError() == 700 && cudaGetLastError() == 700);
  set("devices", "2");
  OK(cudaSetDevice(1));  // the other device works
  OK(cudaMalloc(&memory, 64));
  OK(cudaFree(memory));
  CHECK(cudaSetDevice(0) == 700);
  OK(cudaDeviceReset());
  OK(cudaMalloc(&memory, 64));
  OK(cudaFree(memory));
  set("devices", "1");
  set("copyInNs", "0");
  set("clearFaults", "");
}

void withoutADriverEveryCallSaysSo() {
  for (const char* const code : {"35", "100", "804", "999", "802", "3"}) {
    set("driver", code);
    int value = -7;
    int version = -7;
    void* memory = nullptr;
    CHECK(cudaGetDeviceCount(&value) == std::atoi(code) && value == -7);
    CHECK(cudaMalloc(&memory, 64) == std::atoi(code) && memory == nullptr);
    CHECK(cudaFree(nullptr) == std::atoi(code) && cudaStreamDestroy(nullptr) == std::atoi(code));
    OK(cudaRuntimeGetVersion(&version));
    CHECK(version == 13000);
    OK(cudaDriverGetVersion(&version));
    CHECK((version == 0) == (std::atoi(code) == 35));
  }
  set("driver", "0");
  CHECK(cudaGetLastError() != 0);
}

}  // namespace

void faultCases() {
  theNthCallFails();
  aStickyErrorLosesTheDevice();
  withoutADriverEveryCallSaysSo();
}

}  // namespace sim_test
