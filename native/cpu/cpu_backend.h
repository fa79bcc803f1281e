// SPDX-License-Identifier: Apache-2.0
// The CPU backend, for linking into the addon.
#ifndef TENSORRT_NODE_CPU_CPU_BACKEND_H_
#define TENSORRT_NODE_CPU_CPU_BACKEND_H_

#include "backend.h"

#ifdef __cplusplus
extern "C" {
#endif

// Options: probe, build, load: onnxruntime (absolute path of the library). build: optimize (none, basic, extended).
// load and session_create: threads, optimize (none, basic, extended, all), arena, spinning. session_create: spinMicros.
// Call on the JavaScript thread, before ONNX Runtime is loaded: see disable_telemetry() in ort_library.h.
const backend_api* trtn_cpu_get_api(uint32_t abi_major);

#ifdef __cplusplus
}
#endif

#endif  // TENSORRT_NODE_CPU_CPU_BACKEND_H_
