// SPDX-License-Identifier: Apache-2.0
#include "onnx_wire.h"

#include <cstring>

namespace sim {

using namespace trtn::protobuf;  // NOLINT: this file is nothing but protobuf

ParseFailure failure(int code, const std::string& what, const char* function, int line) {
  ParseFailure failure;
  ParseError error;
  error.code = code;
  error.text = what;
  error.function = function;
  error.line = line;
  failure.errors.push_back(std::move(error));
  return failure;
}

int typeOf(uint64_t onnx) {
  switch (onnx) {
    case 1:
      return kFloat;
    case 2:
      return kUint8;
    case 3:
      return kInt8;
    case 6:
      return kInt32;
    case 7:
      return kInt64;
    case 9:
      return kBool;
    case 10:
      return kHalf;
    default:
      return -1;
  }
}

namespace {

std::string text(const Span& span) { return {reinterpret_cast<const char*>(span.at), span.bytes()}; }

void readInts(const Field& field, std::vector<int64_t>& out) {
  if (field.wire_type != kBytes) {
    out.push_back(static_cast<int64_t>(field.value));
    return;
  }
  Span packed = field.content;
  for (uint64_t value = 0; packed.at < packed.end && read_varint(packed, value);) {
    out.push_back(static_cast<int64_t>(value));
  }
}

struct Raw {
  Tensor tensor;
  uint64_t onnxType = 0;
  std::vector<int64_t> integers;
  std::vector<char> floats;
  bool external = false;
};

template <class T>
void append(std::vector<char>& out, T value) {
  const char* const at = reinterpret_cast<const char*>(&value);
  out.insert(out.end(), at, at + sizeof value);
}

void settleData(Raw& raw) {
  Tensor& tensor = raw.tensor;
  if (tensor.data.empty()) tensor.data = raw.floats;
  if (!tensor.data.empty()) return;
  for (const int64_t value : raw.integers) {
    const size_t bytes = sizeOf(tensor.type);
    const size_t before = tensor.data.size();
    append(tensor.data, value);
    tensor.data.resize(before + bytes);  // little endian: the low bytes come first
  }
}

Tensor readTensor(Span span) {
  Raw raw;
  for (Field field; next_field(span, field);) {
    if (field.number == 1) readInts(field, raw.tensor.dims);
    if (field.number == 2) raw.onnxType = field.value;
    if (field.number == 4) raw.floats.insert(raw.floats.end(), field.content.at, field.content.end);
    if (field.number == 5 || field.number == 7) readInts(field, raw.integers);
    if (field.number == 8) raw.tensor.name = text(field.content);
    if (field.number == 9) raw.tensor.data.assign(field.content.at, field.content.end);
    if (field.number == 13) raw.external = true;
  }
  raw.tensor.constant = true;
  raw.tensor.type = typeOf(raw.onnxType);
  const bool known = raw.tensor.type >= 0 && !raw.external;
  if (known) settleData(raw);
  const int64_t count = volume(raw.tensor.dims);
  if (!known || count < 0 || raw.tensor.data.size() != bytesOf(raw.tensor.type, raw.tensor.dims)) {
    throw failure(5, "Failed to import initializer: " + raw.tensor.name, "parseGraph", 263);
  }
  return raw.tensor;
}

Shape readShape(Span span) {
  Shape shape;
  for (Field dim; next_field(span, dim);) {
    int64_t value = -1;
    Span inner = dim.content;
    for (Field field; next_field(inner, field);) {
      if (field.number == 1) value = static_cast<int64_t>(field.value);
    }
    shape.push_back(value);
  }
  return shape;
}

Tensor readValue(Span span) {
  Tensor value;
  uint64_t onnxType = 0;
  for (Field field; next_field(span, field);) {
    if (field.number == 1) value.name = text(field.content);
    if (field.number != 2) continue;
    Span type = field.content;
    Field tensor;
    if (!next_field(type, tensor) || tensor.number != 1) continue;
    for (Field inner; next_field(tensor.content, inner);) {
      if (inner.number == 1) onnxType = inner.value;
      if (inner.number == 2) value.dims = readShape(inner.content);
    }
  }
  value.type = onnxType == 11 ? static_cast<int>(kFloat) : typeOf(onnxType);
  return value;
}

void readAttribute(Span span, Node& node) {
  std::string name;
  int64_t integer = 0;
  float number = 0;
  bool isInteger = false;
  bool isFloat = false;
  for (Field field; next_field(span, field);) {
    if (field.number == 1) name = text(field.content);
    if (field.number == 2) {
      std::memcpy(&number, field.content.at, sizeof number);
      isFloat = true;
    }
    if (field.number == 3) {
      integer = static_cast<int64_t>(field.value);
      isInteger = true;
    }
  }
  if (isInteger) node.ints[name] = integer;
  if (isFloat) node.floats[name] = number;
}

RawNode readNode(Span span) {
  RawNode raw;
  for (Field field; next_field(span, field);) {
    if (field.number == 1) raw.in.push_back(text(field.content));
    if (field.number == 2) raw.out.push_back(text(field.content));
    if (field.number == 3) raw.node.name = text(field.content);
    if (field.number == 4) raw.node.op = text(field.content);
    if (field.number == 5) readAttribute(field.content, raw.node);
    if (field.number == 7 && field.content.bytes() != 0 && text(field.content) != "ai.onnx") {
      raw.node.op = text(field.content) + "::" + raw.node.op;
    }
  }
  return raw;
}

}  // namespace

RawGraph readGraph(Span span) {
  RawGraph graph;
  for (Field field; next_field(span, field);) {
    if (field.number == 1) graph.nodes.push_back(readNode(field.content));
    if (field.number == 2) graph.name = text(field.content);
    if (field.number == 5) graph.constants.push_back(readTensor(field.content));
    if (field.number == 11) graph.inputs.push_back(readValue(field.content));
    if (field.number == 12) graph.outputs.push_back(readValue(field.content));
  }
  return graph;
}

}  // namespace sim
