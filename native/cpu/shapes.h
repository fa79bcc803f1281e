// SPDX-License-Identifier: Apache-2.0
// Checks of what a run brings against what the model declares, before ONNX Runtime sees it.
#ifndef TENSORRT_NODE_CPU_SHAPES_H_
#define TENSORRT_NODE_CPU_SHAPES_H_

#include "io.h"

namespace trtn::cpu {

// Bytes that `tensor` needs with its dims. Throws BACKEND_SHAPE when they do not fit `port`; `side`: "input", "output".
size_t checked_bytes(const Port& port, const backend_tensor& tensor, const char* side);
void check_input(const Port& port, const backend_tensor& tensor);

}  // namespace trtn::cpu

#endif  // TENSORRT_NODE_CPU_SHAPES_H_
