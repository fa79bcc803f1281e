// SPDX-License-Identifier: Apache-2.0
// Shapes: what follows from what.
#include <algorithm>
#include <cstring>

#include "model.h"

namespace sim {

namespace {

[[noreturn]] void refuse(const Node& node, const std::string& why) { throw std::runtime_error(node.name + ": " + why); }

Shape broadcast(const Node& node, const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t left = i < out.size() - a.size() ? 1 : a[i - (out.size() - a.size())];
    const int64_t right = i < out.size() - b.size() ? 1 : b[i - (out.size() - b.size())];
    if (left != right && left > 1 && right > 1) {
      refuse(node,
             "broadcast dimensions must be conformable: " + std::to_string(left) + " and " + std::to_string(right));
    }
    if (left == 1)
      out[i] = right;
    else if (right == 1)
      out[i] = left;
    else
      out[i] = left < 0 ? right : left;
  }
  return out;
}

Shape matmul(const Node& node, const Shape& a, const Shape& b) {
  if (a.size() < 2 || b.size() < 2) refuse(node, "operands of MatMul must have two dimensions or more");
  const int64_t inner = a[a.size() - 1];
  const int64_t other = b[b.size() - 2];
  if (inner >= 0 && other >= 0 && inner != other) {
    refuse(node, "last dimension of input0 = " + std::to_string(inner) +
                     " and second to last dimension of input1 = " + std::to_string(other) + " but must match");
  }
  Shape out = broadcast(node, Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  out.push_back(a[a.size() - 2]);
  out.push_back(b[b.size() - 1]);
  return out;
}

Shape gemm(const Node& node, const Shape& a, const Shape& b) {
  if (a.size() != 2 || b.size() != 2) refuse(node, "operands of Gemm must have two dimensions");
  const bool transA = node.integer("transA", 0) != 0;
  const bool transB = node.integer("transB", 0) != 0;
  const int64_t inner = a[transA ? 0 : 1];
  const int64_t other = b[transB ? 1 : 0];
  if (inner >= 0 && other >= 0 && inner != other) refuse(node, "inner dimensions of Gemm must match");
  return {a[transA ? 1 : 0], b[transB ? 0 : 1]};
}

Shape reshape(const Node& node, const Shape& from, const Shape& wanted) {
  Shape out = wanted;
  int64_t known = 1;
  int open = -1;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] == 0 && i < from.size()) out[i] = from[i];
    if (wanted[i] == -1) {
      if (open >= 0) refuse(node, "a second -1 in the shape");
      open = static_cast<int>(i);
    } else {
      known *= out[i];
    }
  }
  const int64_t count = volume(from);
  if (count < 0 || known < 0) return out;
  if (open >= 0 && known != 0 && count % known == 0) out[static_cast<size_t>(open)] = count / known;
  if (volume(out) != count) {
    refuse(node, "reshape changes volume: " + std::to_string(count) + " elements cannot be " + std::to_string(known));
  }
  return out;
}

// The values of a shape operand, if they are known here.
bool valuesOf(const Model& model, const Shapes& shapes, int index, Shape& out) {
  const Tensor& tensor = model.tensors[static_cast<size_t>(index)];
  const auto given = shapes.values.find(index);
  if (given != shapes.values.end()) {
    out = given->second;
    return true;
  }
  if (!tensor.constant) return false;
  const size_t count = static_cast<size_t>(volume(tensor.dims));
  for (size_t i = 0; i < count; ++i) {
    int64_t value = 0;
    std::memcpy(&value, tensor.data.data() + i * sizeOf(tensor.type), sizeOf(tensor.type));
    out.push_back(tensor.type == kInt32 ? static_cast<int32_t>(value) : value);
  }
  return true;
}

Shape outputOf(const Model& model, Shapes& shapes, const Node& node) {
  const auto dims = [&](size_t i) -> const Shape& { return shapes.dims[static_cast<size_t>(node.in[i])]; };
  const std::string& op = node.op;
  if (op == "Add" || op == "Sub" || op == "Mul" || op == "Div") return broadcast(node, dims(0), dims(1));
  if (op == "MatMul") return matmul(node, dims(0), dims(1));
  if (op == "Gemm") return gemm(node, dims(0), dims(1));
  if (op == "NonZero") return {static_cast<int64_t>(dims(0).size()), -1};
  if (op == "Shape") {
    const Shape& of = dims(0);
    if (volume(of) >= 0) shapes.values[node.out[0]] = of;
    return {static_cast<int64_t>(of.size())};
  }
  if (op != "Reshape") return dims(0);
  Shape wanted;
  if (valuesOf(model, shapes, node.in[1], wanted)) return reshape(node, dims(0), wanted);
  const Shape& length = dims(1);
  return Shape(length.empty() || length[0] < 0 ? 0 : static_cast<size_t>(length[0]), -1);
}

bool needsTwo(const std::string& op) {
  return op == "Add" || op == "Sub" || op == "Mul" || op == "Div" || op == "MatMul" || op == "Gemm" || op == "Reshape";
}

}  // namespace

size_t sizeOf(int type) {
  switch (type) {
    case kHalf:
      return 2;
    case kInt8:
    case kUint8:
    case kBool:
      return 1;
    case kInt64:
      return 8;
    default:
      return 4;
  }
}

int64_t volume(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t dim : shape) {
    if (dim < 0) return -1;
    count *= dim;
  }
  return count;
}

size_t bytesOf(int type, const Shape& shape) {
  const int64_t count = volume(shape);
  return count < 0 ? 0 : static_cast<size_t>(count) * sizeOf(type);
}

int Model::find(const std::string& wanted) const {
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].name == wanted) return static_cast<int>(i);
  }
  return -1;
}

size_t Model::weightBytes() const {
  size_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += tensor.data.size();
  return bytes;
}

bool supportsOperator(const std::string& op) {
  static const char* const known[] = {"Identity", "Relu", "Sigmoid", "Cast", "Softmax", "Shape",  "NonZero", "Add",
                                      "Sub",      "Mul",  "Div",     "Neg",  "Exp",     "MatMul", "Gemm",    "Reshape"};
  return std::find(std::begin(known), std::end(known), op) != std::end(known);
}

void inferShapes(const Model& model, Shapes& shapes) {
  for (const Node& node : model.nodes) {
    if (needsTwo(node.op) && node.in.size() < 2) refuse(node, node.op + " needs two inputs");
    shapes.dims[static_cast<size_t>(node.out[0])] = outputOf(model, shapes, node);
  }
}

}  // namespace sim
