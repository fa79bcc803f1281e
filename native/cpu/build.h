// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_CPU_BUILD_H_
#define TENSORRT_NODE_CPU_BUILD_H_

#include "backend.h"

namespace trtn::cpu {

// From a model to a payload: a self-contained ONNX file, optimised as far as it stays valid on any machine.
void build(const backend_build_request& request);

}  // namespace trtn::cpu

#endif  // TENSORRT_NODE_CPU_BUILD_H_
