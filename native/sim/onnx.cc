// SPDX-License-Identifier: Apache-2.0
// ONNX files, as far as the simulator needs them: initializers kept in the file, a handful of operators, clear errors.
#include "onnx_wire.h"

namespace sim {

namespace {

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
  trtn::protobuf::Span span{at, at + bytes};
  trtn::protobuf::Field field;
  trtn::protobuf::Span graphBytes{nullptr, nullptr};
  while (trtn::protobuf::next_field(span, field)) {
    if (field.number == 7 && field.wire_type == trtn::protobuf::kBytes) graphBytes = field.content;
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
