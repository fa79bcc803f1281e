// SPDX-License-Identifier: Apache-2.0
// Writes the bytes of tiny ONNX models for tests. Field numbers are those of onnx.proto.
#ifndef TENSORRT_NODE_TEST_ONNX_WRITER_H_
#define TENSORRT_NODE_TEST_ONNX_WRITER_H_

#include <cstdint>
#include <string>
#include <vector>

namespace onnx_writer {

class Message {
 public:
  Message& number(uint32_t field, uint64_t value) {
    varint(uint64_t{field} << 3);
    varint(value);
    return *this;
  }
  Message& bytes(uint32_t field, const std::string& content) {
    varint((uint64_t{field} << 3) | 2);
    varint(content.size());
    text_ += content;
    return *this;
  }
  const std::string& str() const { return text_; }

 private:
  void varint(uint64_t value) {
    for (; value > 0x7f; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
  }
  std::string text_;
};

using Dims = std::vector<int64_t>;
using Names = std::vector<std::string>;
enum Type : uint32_t { kFloat = 1, kInt64 = 7, kString = 8, kBool = 9 };

// A dimension of -1 is symbolic and named "N".
inline std::string tensor_type(uint32_t type, const Dims& dims) {
  Message shape;
  for (const int64_t dim : dims) {
    shape.bytes(1, (dim < 0 ? Message().bytes(2, "N") : Message().number(1, static_cast<uint64_t>(dim))).str());
  }
  return Message().bytes(1, Message().number(1, type).bytes(2, shape.str()).str()).str();
}

inline std::string value(const std::string& name, uint32_t type, const Dims& dims) {
  return Message().bytes(1, name).bytes(2, tensor_type(type, dims)).str();
}

inline std::string sequence_value(const std::string& name) {
  const std::string sequence = Message().bytes(1, tensor_type(kFloat, {})).str();
  return Message().bytes(1, name).bytes(2, Message().bytes(4, sequence).str()).str();
}

inline Message tensor_head(const std::string& name, uint32_t type, const Dims& dims) {
  Message message;
  for (const int64_t dim : dims) message.number(1, static_cast<uint64_t>(dim));
  return message.number(2, type).bytes(8, name);
}

template <typename T>
std::string raw(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

template <typename T>
std::string constant(const std::string& name, uint32_t type, const Dims& dims, const std::vector<T>& values) {
  return tensor_head(name, type, dims).bytes(9, raw(values)).str();
}

// An empty offset or length is left out.
inline std::string external_tensor(const std::string& name, const Dims& dims, const std::string& location,
                                   const std::string& offset = "", const std::string& length = "") {
  Message message = tensor_head(name, kFloat, dims);
  const auto entry = [&](const char* key, const std::string& text) {
    message.bytes(13, Message().bytes(1, key).bytes(2, text).str());
  };
  entry("location", location);
  if (!offset.empty()) entry("offset", offset);
  if (!length.empty()) entry("length", length);
  return message.number(14, 1).str();
}

inline std::string node(const std::string& op, const Names& inputs, const Names& outputs) {
  Message message;
  for (const std::string& name : inputs) message.bytes(1, name);
  for (const std::string& name : outputs) message.bytes(2, name);
  return message.bytes(4, op).str();
}

struct Graph {
  Names nodes;
  Names initializers;
  Names inputs;
  Names outputs;
};

inline std::string graph_body(const Graph& graph) {
  Message body;
  for (const std::string& each : graph.nodes) body.bytes(1, each);
  body.bytes(2, "tiny");
  for (const std::string& each : graph.initializers) body.bytes(5, each);
  for (const std::string& each : graph.inputs) body.bytes(11, each);
  for (const std::string& each : graph.outputs) body.bytes(12, each);
  return body.str();
}

// The node with a graph as one more attribute: protobuf messages can be appended to.
inline std::string with_graph(const std::string& node, const std::string& name, const std::string& body) {
  constexpr uint64_t kGraphAttribute = 5;
  return node + Message().bytes(5, Message().bytes(1, name).bytes(6, body).number(20, kGraphAttribute).str()).str();
}

// Opset 17, IR version 8, one entry "owner": "test" in the metadata.
inline std::string model(const Graph& graph) {
  const std::string opset = Message().bytes(1, "").number(2, 17).str();
  const std::string owner = Message().bytes(1, "owner").bytes(2, "test").str();
  return Message().number(1, 8).bytes(2, "tests").bytes(7, graph_body(graph)).bytes(8, opset).bytes(14, owner).str();
}

}  // namespace onnx_writer

#endif  // TENSORRT_NODE_TEST_ONNX_WRITER_H_
