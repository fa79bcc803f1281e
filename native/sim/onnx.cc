// SPDX-License-Identifier: Apache-2.0
// ONNX files, as far as the simulator needs them: initializers kept in the file, a handful of operators, clear errors.
#include <algorithm>
#include <cstring>
#include <set>

#include "model.h"
#include "protobuf.h"

namespace sim {

namespace {

using namespace trtn::protobuf;

std::string text(const Span& span) { return {reinterpret_cast<const char*>(span.at), span.bytes()}; }

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

// TensorRT's own type, or -1: it has none. Doubles become floats.
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

struct RawNode {
  Node node;
  std::vector<std::string> in;
  std::vector<std::string> out;
};

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

struct RawGraph {
  std::string name;
  std::vector<RawNode> nodes;
  std::vector<Tensor> constants;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

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

int add(Model& model, Tensor tensor) {
  model.tensors.push_back(std::move(tensor));
  return static_cast<int>(model.tensors.size()) - 1;
}

// All unsupported nodes at once, as the real importer's check does.
void checkOperators(const RawGraph& graph) {
  ParseFailure found;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i].node;
    if (supportsOperator(node.op)) continue;
    ParseError error;
    const bool custom = node.op.find("::") != std::string::npos;
    error.code = custom ? 6 : 8;
    error.text =
        custom ? "creator && \"Plugin not found, are the plugin name, version, and namespace correct?\"" : "false";
    error.function = custom ? "importFallbackPluginImporter" : "check" + node.op;
    error.line = custom ? 5402 : 102;
    error.node = static_cast<int>(i);
    error.nodeName = node.name;
    error.op = node.op;
    found.errors.push_back(std::move(error));
  }
  if (!found.errors.empty()) throw found;
}

ParseFailure nodeFailure(int index, const Node& node, const std::string& what) {
  ParseFailure out = failure(6, what, "parseNode", 180);
  out.errors[0].node = index;
  out.errors[0].nodeName = node.name;
  out.errors[0].op = node.op;
  return out;
}

void addNode(Model& model, const RawNode& raw, int index) {
  Node node = raw.node;
  for (const std::string& name : raw.in) {
    const int at = model.find(name);
    if (at < 0 && !name.empty()) {
      throw failure(5, "Assertion failed: (ctx->tensors().count(inputName)): Node input was not registered.",
                    "parseNodeWithInputs", 162);
    }
    if (at >= 0) node.in.push_back(at);
  }
  for (const std::string& name : raw.out) {
    Tensor tensor;
    tensor.name = name;
    node.out.push_back(add(model, std::move(tensor)));
  }
  if (node.in.empty() || node.out.empty()) throw nodeFailure(index, node, "the node lacks an input or an output");
  Tensor& out = model.tensors[static_cast<size_t>(node.out[0])];
  const Tensor& first = model.tensors[static_cast<size_t>(node.in[0])];
  out.type = first.type;
  if (node.op == "Cast") out.type = typeOf(static_cast<uint64_t>(node.integer("to", 1)));
  if (node.op == "Shape" || node.op == "NonZero") out.type = kInt64;
  if (out.type < 0) throw nodeFailure(index, node, "a cast to a type that TensorRT does not have");
  for (const int other : node.in) {
    const Tensor& operand = model.tensors[static_cast<size_t>(other)];
    if (node.op != "Reshape" && operand.type != first.type) {
      throw nodeFailure(index, node, node.op + " must have same input types");
    }
  }
  if (node.op == "Reshape" && node.in.size() == 2) {
    Tensor& shape = model.tensors[static_cast<size_t>(node.in[1])];
    if (!shape.constant) shape.shapeTensor = true;
  }
  out.dataDependent = node.op == "NonZero" || first.dataDependent;
  model.nodes.push_back(std::move(node));
}

// Shapes of everything, with -1 where they depend on the inputs.
void inferStatic(Model& model) {
  Shapes shapes;
  for (const Tensor& tensor : model.tensors) shapes.dims.push_back(tensor.dims);
  try {
    inferShapes(model, shapes);
  } catch (const std::runtime_error& error) {
    const std::string what = error.what();
    const size_t colon = what.find(": ");
    for (size_t i = 0; i < model.nodes.size(); ++i) {
      if (what.compare(0, colon, model.nodes[i].name) == 0) {
        throw nodeFailure(static_cast<int>(i), model.nodes[i], what.substr(colon + 2));
      }
    }
    throw failure(5, what, "parseGraph", 300);
  }
  for (size_t i = 0; i < model.tensors.size(); ++i) model.tensors[i].dims = shapes.dims[i];
}

}  // namespace

Model parseOnnx(const void* data, size_t bytes) {
  const auto* const at = static_cast<const uint8_t*>(data);
  Span span{at, at + bytes};
  Field field;
  Span graphBytes{nullptr, nullptr};
  while (next_field(span, field)) {
    if (field.number == 7 && field.wire_type == kBytes) graphBytes = field.content;
  }
  if (span.at != span.end) {
    throw failure(3, "Assertion failed: model->ParseFromCodedStream(&codedInput): Failed to parse the ONNX model.",
                  "deserializeOnnxModel", 94);
  }
  Model model;
  if (graphBytes.at == nullptr) return model;  // the real parser says nothing either
  RawGraph graph = readGraph(graphBytes);
  model.name = graph.name;
  checkOperators(graph);
  for (Tensor& constant : graph.constants) add(model, std::move(constant));
  for (Tensor& input : graph.inputs) {
    if (model.find(input.name) >= 0) continue;  // an initializer listed as an input
    if (input.type < 0) {
      throw failure(5,
                    "Assertion failed: convertDtype(onnxDtype.elem_type(), &trtDtype) && \"Failed to convert ONNX date "
                    "type to TensorRT data type.\"",
                    "importInput", 300);
    }
    if (input.dims.size() > 8) {
      throw failure(5, "Failed to convert ONNX dimensions to TensorRT dimensions.", "importInput", 310);
    }
    model.inputs.push_back(add(model, std::move(input)));
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) addNode(model, graph.nodes[i], static_cast<int>(i));
  for (const Tensor& output : graph.outputs) {
    const int index = model.find(output.name);
    if (index < 0) throw failure(1, "Trying to access weights or a null tensor!", "parseGraph", 330);
    model.outputs.push_back(index);
  }
  inferStatic(model);
  return model;
}

}  // namespace sim
