// SPDX-License-Identifier: Apache-2.0
// ONNX as it stands in the file, before any of it is checked against anything else.
#ifndef TENSORRT_NODE_SIM_ONNX_WIRE_H_
#define TENSORRT_NODE_SIM_ONNX_WIRE_H_

#include <string>
#include <vector>

#include "model.h"
#include "protobuf.h"

namespace sim {

struct RawNode {
  Node node;
  std::vector<std::string> in;
  std::vector<std::string> out;
};

struct RawGraph {
  std::string name;
  std::vector<RawNode> nodes;
  std::vector<Tensor> constants;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

// TensorRT's own type for one of ONNX's, or -1: it has none.
int typeOf(uint64_t onnx);

ParseFailure failure(int code, const std::string& what, const char* function, int line);

// @throws ParseFailure: an initializer cannot be read.
RawGraph readGraph(trtn::protobuf::Span span);

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_ONNX_WIRE_H_
