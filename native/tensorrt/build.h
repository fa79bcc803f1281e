// SPDX-License-Identifier: Apache-2.0
// ONNX model → plan.
//
// Options: those of readCandidates() (libraries.h), and, under trtexec's names, those of readSettings() (settings.cc).
// TensorRT-RTX builds without a driver or a device; TensorRT needs both, and refuses with the reason and the remedy.
#ifndef TENSORRT_NODE_TENSORRT_BUILD_H_
#define TENSORRT_NODE_TENSORRT_BUILD_H_

#include "backend.h"
#include "tensorrt/libraries.h"

namespace trt {

// On any thread: the work is done on one of its own, with a stack that deep graphs do not overflow.
void build(Flavour flavour, const backend_build_request& request);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_BUILD_H_
