// SPDX-License-Identifier: Apache-2.0
// A network as the simulator knows it: a few operators, computed on the host. Shared by parser, builder and engine.
#ifndef TENSORRT_NODE_SIM_MODEL_H_
#define TENSORRT_NODE_SIM_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace sim {

using Shape = std::vector<int64_t>;  // -1: not known yet

// TensorRT's values.
enum Type : int { kFloat = 0, kHalf = 1, kInt8 = 2, kInt32 = 3, kBool = 4, kUint8 = 5, kInt64 = 8 };
size_t sizeOf(int type);
int64_t volume(const Shape& shape);  // -1: not known
size_t bytesOf(int type, const Shape& shape);

struct Tensor {
  std::string name;
  int type = kFloat;
  Shape dims;
  std::vector<char> data;  // of a constant
  bool constant = false;
  bool shapeTensor = false;    // its values are needed to know shapes; they live on the host
  bool dataDependent = false;  // its shape is known after the run only
};

struct Node {
  std::string op;
  std::string name;
  std::vector<int> in;
  std::vector<int> out;
  std::map<std::string, int64_t> ints;
  std::map<std::string, float> floats;
  int64_t integer(const char* key, int64_t otherwise) const {
    const auto found = ints.find(key);
    return found == ints.end() ? otherwise : found->second;
  }
};

struct Model {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  std::vector<int> inputs;
  std::vector<int> outputs;
  int find(const std::string& name) const;
  size_t weightBytes() const;
};

// What the importer has against a model. `code`: nvonnxparser::ErrorCode.
struct ParseError {
  int code = 0;
  std::string text;
  std::string function;
  int line = 0;
  int node = -1;
  std::string nodeName;
  std::string op;
};

struct ParseFailure {
  std::vector<ParseError> errors;
};

// @throws ParseFailure. A buffer that holds no graph gives a model without outputs, as the real parser does.
Model parseOnnx(const void* data, size_t bytes);
bool supportsOperator(const std::string& op);

// Shapes of all tensors by index. `values`: what shape tensors hold, by index.
struct Shapes {
  std::vector<Shape> dims;
  std::map<int, Shape> values;
};
// Fills in every tensor that the inputs determine. @throws std::runtime_error: these shapes do not fit the graph.
void inferShapes(const Model& model, Shapes& shapes);

// Runs all nodes. `at[i]`: where tensor i lives; `shapes` is completed by what depends on data.
void execute(const Model& model, Shapes& shapes, const std::vector<void*>& at);

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_MODEL_H_
