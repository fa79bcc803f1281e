// SPDX-License-Identifier: Apache-2.0
// Streams, events, copies and memory.
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "sim_cases.h"

namespace sim_test {

namespace {

using Clock = std::chrono::steady_clock;

double millisSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void latencies(const char* copyIn, const char* compute, const char* copyOut) {
  set("copyInNs", copyIn);
  set("computeNs", compute);
  set("copyOutNs", copyOut);
}

void aCopyThereAndBackIsExact() {
  Rig rig(1024);
  std::memset(rig.host, 7, 1024);
  OK(cudaMemcpyAsync(rig.device, rig.host, 1024, 1, rig.stream));
  std::memset(rig.host, 0, 1024);
  OK(cudaMemcpyAsync(rig.host, rig.device, 1024, 2, rig.stream));
  OK(cudaStreamSynchronize(rig.stream));
  CHECK(static_cast<char*>(rig.host)[1023] == 7);
}

void anEventIsPassedWhenTheWorkBeforeItIs() {
  latencies("20000000", "0", "0");
  Rig rig(64);
  const trt::Event after = event();
  const auto start = Clock::now();
  OK(cudaMemcpyAsync(rig.device, rig.host, 64, 1, rig.stream));
  OK(cudaEventRecord(after, rig.stream));
  CHECK(millisSince(start) < 15);  // the calls do not wait
  CHECK(cudaEventQuery(after) == trt::cuda::kNotReady);
  OK(cudaEventSynchronize(after));
  CHECK(millisSince(start) >= 19.9);
  OK(cudaEventQuery(after));
  OK(cudaEventDestroy(after));
  latencies("0", "0", "0");
}

void copyEnginesOverlapAndEachIsSerial() {
  latencies("10000000", "0", "10000000");
  Rig a(64);
  Rig b(64);
  const trt::Event begin = event(0);
  const trt::Event endA = event(0);
  const trt::Event endB = event(0);
  OK(cudaEventRecord(begin, a.stream));
  OK(cudaMemcpyAsync(a.device, a.host, 64, 1, a.stream));
  OK(cudaMemcpyAsync(b.host, b.device, 64, 2, b.stream));
  OK(cudaEventRecord(endA, a.stream));
  OK(cudaEventRecord(endB, b.stream));
  OK(cudaStreamSynchronize(a.stream));
  OK(cudaStreamSynchronize(b.stream));
  float overlapped = 0;
  OK(cudaEventElapsedTime(&overlapped, begin, endB));
  CHECK(overlapped > 9.9F && overlapped < 16.0F);  // beside the copy in, not after it
  OK(cudaEventRecord(begin, a.stream));
  OK(cudaMemcpyAsync(a.device, a.host, 64, 1, a.stream));
  OK(cudaMemcpyAsync(b.device, b.host, 64, 1, b.stream));
  OK(cudaEventRecord(endB, b.stream));
  OK(cudaStreamSynchronize(b.stream));
  float serial = 0;
  OK(cudaEventElapsedTime(&serial, begin, endB));
  CHECK(serial > 19.9F);  // one engine
  for (const trt::Event one : {begin, endA, endB}) OK(cudaEventDestroy(one));
  latencies("0", "0", "0");
}

void aStreamWaitsForAnEventOfAnother() {
  latencies("10000000", "0", "0");
  Rig a(64);
  Rig b(64);
  const trt::Event ready = event();
  std::memset(a.host, 5, 64);
  OK(cudaMemcpyAsync(a.device, a.host, 64, 1, a.stream));
  OK(cudaEventRecord(ready, a.stream));
  OK(cudaStreamWaitEvent(b.stream, ready, 0));
  OK(cudaMemcpyAsync(b.host, a.device, 64, 2, b.stream));
  OK(cudaStreamSynchronize(b.stream));
  CHECK(static_cast<char*>(b.host)[0] == 5);
  OK(cudaEventDestroy(ready));
  latencies("0", "0", "0");
}

void aHostBufferThatChangesUnderACopyIsSeen() {
  latencies("20000000", "0", "0");
  const long before = violations("hostChanged");
  Rig rig(64);
  std::memset(rig.host, 1, 64);
  OK(cudaMemcpyAsync(rig.device, rig.host, 64, 1, rig.stream));
  OK(cudaStreamSynchronize(rig.stream));
  CHECK(violations("hostChanged") == before);
#ifndef __SANITIZE_THREAD__  // it is a race: that is the point
  OK(cudaMemcpyAsync(rig.device, rig.host, 64, 1, rig.stream));
  std::memset(rig.host, 2, 64);
  OK(cudaStreamSynchronize(rig.stream));
  CHECK(violations("hostChanged") == before + 1);
#endif
  latencies("0", "0", "0");
}

void ordinaryMemoryIsTakenAtTheCall() {
  latencies("10000000", "0", "0");
  Rig rig(64);
  std::vector<char> ordinary(64, 3);
  OK(cudaMemcpyAsync(rig.device, ordinary.data(), 64, 1, rig.stream));
  ordinary.assign(64, 4);
  OK(cudaMemcpyAsync(rig.host, rig.device, 64, 2, rig.stream));
  OK(cudaStreamSynchronize(rig.stream));
  CHECK(static_cast<char*>(rig.host)[0] == 3);
  CHECK(calls("copy of ordinary memory") > 0);
  latencies("0", "0", "0");
}

void memoryIsChecked() {
  Rig rig(100);
  CHECK(cudaMemcpyAsync(rig.device, rig.host, 101, 1, rig.stream) == 1);  // past the end
  CHECK(cudaMemcpyAsync(rig.host, rig.host, 10, 1, rig.stream) == 1);     // not device memory
  CHECK(violations("invalidCopy") == 2);
  void* gone = nullptr;
  OK(cudaMalloc(&gone, 64));
  OK(cudaFree(gone));
  CHECK(cudaMemcpyAsync(gone, rig.host, 10, 1, rig.stream) == 1);  // freed
  CHECK(cudaFree(gone) == 1 && violations("doubleFree") == 1);
  CHECK(cudaFreeHost(rig.device) == 1 && violations("wrongFree") == 1);
  CHECK(cudaGetLastError() == 1 && cudaGetLastError() == 0);
}

void memoryIsLimited() {
  set("memory", "1000");
  void* first = nullptr;
  void* second = nullptr;
  OK(cudaMalloc(&first, 600));
  CHECK(cudaMalloc(&second, 600) == trt::cuda::kMemoryAllocation);
  size_t free = 0;
  size_t total = 0;
  OK(cudaMemGetInfo(&free, &total));
  CHECK(free == 400 && total == 1000);
  OK(cudaFree(first));
  OK(cudaMalloc(&second, 600));
  OK(cudaFree(second));
  set("memory", "8589934592");
}

void devicesAreApart() {
  set("devices", "2");
  void* other = nullptr;
  OK(cudaSetDevice(1));
  OK(cudaMalloc(&other, 64));
  OK(cudaSetDevice(0));
  Rig rig(64);
  CHECK(cudaMemcpyAsync(other, rig.host, 64, 1, rig.stream) == 1);
  CHECK(cudaSetDevice(2) == trt::cuda::kInvalidDevice);
  OK(cudaFree(other));
  set("devices", "1");
}

void memoryFreedInAStreamIsUsedUpToThere() {
  latencies("10000000", "0", "0");
  Rig rig(64);
  void* memory = nullptr;
  OK(cudaMallocAsync(&memory, 64, rig.stream));
  OK(cudaMemcpyAsync(memory, rig.host, 64, 1, rig.stream));
  OK(cudaFreeAsync(memory, rig.stream));
  OK(cudaStreamSynchronize(rig.stream));
  CHECK(cudaMemcpyAsync(memory, rig.host, 64, 1, rig.stream) == 1);
  latencies("0", "0", "0");
}

void registeredMemoryIsPinned() {
  std::vector<char> own(4096);
  OK(cudaHostRegister(own.data(), own.size(), 0));
  CHECK(cudaHostRegister(own.data(), own.size(), 0) == 712);
  OK(cudaHostUnregister(own.data()));
  CHECK(cudaHostUnregister(own.data()) == 713);
}

void hostFunctionsRunInOrder() {
  Rig rig(64);
  int seen = 0;
  OK(cudaLaunchHostFunc(rig.stream, [](void* user) { *static_cast<int*>(user) = 1; }, &seen));
  OK(cudaStreamSynchronize(rig.stream));
  CHECK(seen == 1);
}

void manyThreadsShareTheDevice() {
  latencies("100000", "0", "100000");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      Rig rig(256);
      const trt::Event done = event();
      for (int i = 0; i < 20; ++i) {
        std::memset(rig.host, t + i, 256);
        OK(cudaMemcpyAsync(rig.device, rig.host, 256, 1, rig.stream));
        OK(cudaMemcpyAsync(rig.host, rig.device, 256, 2, rig.stream));
        OK(cudaEventRecord(done, rig.stream));
        OK(cudaEventSynchronize(done));
        CHECK(static_cast<char*>(rig.host)[0] == t + i);
      }
      OK(cudaEventDestroy(done));
    });
  }
  for (std::thread& thread : threads) thread.join();
  latencies("0", "0", "0");
}

}  // namespace

void cudaCases() {
  aCopyThereAndBackIsExact();
  anEventIsPassedWhenTheWorkBeforeItIs();
  copyEnginesOverlapAndEachIsSerial();
  aStreamWaitsForAnEventOfAnother();
  aHostBufferThatChangesUnderACopyIsSeen();
  ordinaryMemoryIsTakenAtTheCall();
  memoryIsChecked();
  memoryIsLimited();
  devicesAreApart();
  memoryFreedInAStreamIsUsedUpToThere();
  registeredMemoryIsPinned();
  hostFunctionsRunInOrder();
  manyThreadsShareTheDevice();
  for (const char* const kind : {"streams", "events", "deviceBlocks", "deviceBytes", "pinnedBlocks", "pinnedBytes"}) {
    CHECK(live(kind) == 0);
  }
}

}  // namespace sim_test
