// SPDX-License-Identifier: Apache-2.0
// The models of the CPU backend's tests.
#ifndef TENSORRT_NODE_TEST_CPU_MODELS_H_
#define TENSORRT_NODE_TEST_CPU_MODELS_H_

#include <string>
#include <vector>

#include "onnx_writer.h"

namespace cpu_test {

// sum = x + b, difference = x - b; x: f32[N, 2], b = [10, 20].
inline std::string add_model() {
  using namespace onnx_writer;
  return model({{node("Add", {"x", "b"}, {"sum"}), node("Sub", {"x", "b"}, {"difference"})},
                {constant<float>("b", kFloat, {2}, {10, 20})},
                {value("x", kFloat, {-1, 2})},
                {value("sum", kFloat, {-1, 2}), value("difference", kFloat, {-1, 2})}});
}

// The same with b = [10, 20] in an external file.
inline std::string external_model(const std::string& location) {
  using namespace onnx_writer;
  return model({{node("Add", {"x", "b"}, {"sum"})},
                {external_tensor("b", {2}, location)},
                {value("x", kFloat, {-1, 2})},
                {value("sum", kFloat, {-1, 2})}});
}

// Takes seconds: `steps` products of 512 x 512 matrices.
inline std::string slow_model(int steps) {
  using namespace onnx_writer;
  Graph graph;
  graph.inputs = {value("m0", kFloat, {512, 512})};
  for (int i = 0; i < steps; ++i) {
    const std::string from = "m" + std::to_string(i);
    graph.nodes.push_back(node("MatMul", {from, from}, {"m" + std::to_string(i + 1)}));
  }
  graph.outputs = {value("m" + std::to_string(steps), kFloat, {512, 512})};
  return model(graph);
}

// One value of every shape the user asks for: y = zeros(shape).
inline std::string zeros_model() {
  using namespace onnx_writer;
  return model(
      {{node("ConstantOfShape", {"shape"}, {"y"})}, {}, {value("shape", kInt64, {2})}, {value("y", kFloat, {-1, -1})}});
}

}  // namespace cpu_test

#endif  // TENSORRT_NODE_TEST_CPU_MODELS_H_
