// SPDX-License-Identifier: Apache-2.0
// The simulator's own tests: CUDA linked in, TensorRT's four shapes loaded from beside this program.
#ifndef TENSORRT_NODE_TEST_SIM_CASES_H_
#define TENSORRT_NODE_TEST_SIM_CASES_H_

#include <string>

#include "check.h"
#include "tensorrt/cuda_calls.h"

#define SIM_DECLARE(name, parameters) int cuda##name parameters;
namespace trt {  // where the types of the table are
extern "C" {
TRT_CUDA_REQUIRED(SIM_DECLARE)
int cudaEventRecordWithFlags(trt::Event event, trt::Stream stream, unsigned flags);
int cudaMallocAsync(void** memory, size_t bytes, trt::Stream stream);
int cudaFreeAsync(void* memory, trt::Stream stream);
int cudaLaunchHostFunc(trt::Stream stream, trt::CudaHostFn function, void* user);
int cudaHostRegister(void* memory, size_t bytes, unsigned flags);
int cudaHostUnregister(void* memory);
int sim_set(const char* key, const char* value);
char* sim_get(const char* what);
}
}  // namespace trt

namespace sim_test {

using namespace trt;  // NOLINT: CUDA's functions above

#define OK(call) CHECK((call) == trt::cuda::kSuccess)

inline void set(const char* key, const char* value) { CHECK(sim_set(key, value) == 1); }

inline std::string get(const char* what) {
  char* const text = sim_get(what);
  CHECK(text != nullptr);
  std::string out = text;
  std::free(text);
  return out;
}

// The number after "key": in a flat object of JSON; 0: absent.
inline long number(const std::string& json, const std::string& key) {
  const size_t at = json.find('"' + key + "\":");
  if (at == std::string::npos) return 0;
  const size_t value = json.find_first_of("-0123456789", at + key.size() + 3);
  return std::strtol(json.c_str() + value, nullptr, 10);
}

inline long calls(const char* name) { return number(get("calls"), name); }
inline long live(const char* kind) { return number(get("live"), kind); }
inline long violations(const char* kind) { return number(get("violations"), kind); }

struct Rig {  // a stream with device and pinned memory of the same size
  explicit Rig(size_t bytes) : bytes(bytes) {
    OK(cudaStreamCreateWithFlags(&stream, 1));
    OK(cudaMalloc(&device, bytes));
    OK(cudaHostAlloc(&host, bytes, 0));
  }
  ~Rig() {
    cudaStreamDestroy(stream);
    cudaFree(device);
    cudaFreeHost(host);
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;
  trt::Stream stream = nullptr;
  void* device = nullptr;
  void* host = nullptr;
  const size_t bytes;
};

inline trt::Event event(unsigned flags = 2) {
  trt::Event made = nullptr;
  OK(cudaEventCreateWithFlags(&made, flags));
  return made;
}

void cudaCases();                          // sim_cuda_cases.cc
void captureCases();                       // sim_capture_cases.cc
void faultCases();                         // sim_fault_cases.cc
void trtCases(const std::string& folder);  // sim_trt_cases.cc

}  // namespace sim_test

#endif  // TENSORRT_NODE_TEST_SIM_CASES_H_
