// SPDX-License-Identifier: Apache-2.0
// What tells one libcudart from another. SIM_CUDA: 12080, 13000 …
#include "cuda_entry.h"

extern "C" int sim_runtime_version() { return SIM_CUDA; }

#if SIM_CUDA < 13000
SIM_EXPORT int cudaGetDeviceProperties(void* properties, int device);
SIM_EXPORT int cudaGetDeviceProperties_v2(void* properties, int device) {
  return cudaGetDeviceProperties(properties, device);
}
#endif
