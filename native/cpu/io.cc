// SPDX-License-Identifier: Apache-2.0
#include "io.h"

#include <algorithm>

#include "error.h"
#include "ort_status.h"

namespace trtn::cpu {
namespace {

struct ElementType {
  int32_t ort;  // ONNXTensorElementDataType
  backend_type type;
  const char* name;
  uint32_t bits;
};

// Written out although the numbers agree today: ONNX Runtime's enum is its own, the contract's is TensorProto's.
constexpr ElementType kElementTypes[] = {
    {1, BACKEND_FLOAT32, "float32", 32},
    {2, BACKEND_UINT8, "uint8", 8},
    {3, BACKEND_INT8, "int8", 8},
    {4, BACKEND_UINT16, "uint16", 16},
    {5, BACKEND_INT16, "int16", 16},
    {6, BACKEND_INT32, "int32", 32},
    {7, BACKEND_INT64, "int64", 64},
    {9, BACKEND_BOOL, "bool", 8},
    {10, BACKEND_FLOAT16, "float16", 16},
    {11, BACKEND_FLOAT64, "float64", 64},
    {12, BACKEND_UINT32, "uint32", 32},
    {13, BACKEND_UINT64, "uint64", 64},
    {14, BACKEND_COMPLEX64, "complex64", 64},
    {15, BACKEND_COMPLEX128, "complex128", 128},
    {16, BACKEND_BFLOAT16, "bfloat16", 16},
    {17, BACKEND_FLOAT8E4M3FN, "float8e4m3fn", 8},
    {18, BACKEND_FLOAT8E4M3FNUZ, "float8e4m3fnuz", 8},
    {19, BACKEND_FLOAT8E5M2, "float8e5m2", 8},
    {20, BACKEND_FLOAT8E5M2FNUZ, "float8e5m2fnuz", 8},
    {21, BACKEND_UINT4, "uint4", 4},
    {22, BACKEND_INT4, "int4", 4},
    {23, BACKEND_FLOAT4E2M1, "float4e2m1", 4},
};

const ElementType* find_type(backend_type type) {
  for (const ElementType& known : kElementTypes) {
    if (known.type == type) return &known;
  }
  return nullptr;
}

const char* onnx_type_name(ort::OnnxType type) {
  switch (type) {
    case ort::kSequence:
      return "a sequence";
    case ort::kMap:
      return "a map";
    case ort::kOpaque:
      return "an opaque value";
    case ort::kSparseTensor:
      return "a sparse tensor";
    case ort::kOptional:
      return "an optional value";
    default:
      return "a value of unknown type";
  }
}

[[noreturn]] void unsupported(const Port& port, const char* side, const std::string& what) {
  throw Error(BACKEND_UNSUPPORTED, std::string("The ") + side + " '" + port.name + "' is " + what +
                                       "; this backend serves dense tensors of numbers with at most " +
                                       std::to_string(BACKEND_MAX_RANK) +
                                       " dimensions. Cut it off the model, or convert it inside the graph.");
}

// Reads one side of a session: the two differ only in which functions tell.
struct Side {
  const char* name;
  ort::Status* (*count)(const ort::Session*, size_t*);
  ort::Status* (*port_name)(const ort::Session*, size_t, ort::Allocator*, char**);
  ort::Status* (*type_info)(const ort::Session*, size_t, ort::TypeInfo**);
};

void read_shape(const Library& library, const ort::TensorInfo* info, const char* side, Port& port) {
  const ort::Api& api = library.api();
  size_t rank = 0;
  require(api, api.GetDimensionsCount(info, &rank));
  // Older libraries tell no scalar from an unknown rank; unknown is the reading that refuses nothing.
  port.ranked = rank > 0 || (api.TensorTypeAndShape_HasShape != nullptr && api.TensorTypeAndShape_HasShape(info));
  if (rank > BACKEND_MAX_RANK) unsupported(port, side, "a tensor with " + std::to_string(rank) + " dimensions");
  port.dims.resize(rank);
  std::vector<const char*> names(rank);
  require(api, api.GetDimensions(info, port.dims.data(), rank));
  require(api, api.GetSymbolicDimensions(info, names.data(), rank));
  for (size_t i = 0; i < rank; ++i) {
    if (port.dims[i] < 0) port.dims[i] = -1;
    port.dim_names.emplace_back(names[i] == nullptr ? "" : names[i]);
  }
}

Port read_port(const Library& library, const ort::Session* session, const Side& side, size_t index) {
  const ort::Api& api = library.api();
  Port port;
  char* name = nullptr;
  require(api, side.port_name(session, index, library.allocator(), &name));
  port.name = library.take_text(name);

  ort::TypeInfo* raw = nullptr;
  require(api, side.type_info(session, index, &raw));
  const ort::Owned<ort::TypeInfo> type(raw, {api.ReleaseTypeInfo});
  ort::OnnxType kind = ort::kUnknown;
  require(api, api.GetOnnxTypeFromTypeInfo(raw, &kind));
  if (kind != ort::kTensor) unsupported(port, side.name, onnx_type_name(kind));
  const ort::TensorInfo* info = nullptr;
  require(api, api.CastTypeInfoToTensorInfo(raw, &info));
  require(api, api.GetTensorElementType(info, &port.element_type));
  for (const ElementType& known : kElementTypes) {
    if (known.ort == port.element_type) port.type = known.type;
  }
  if (port.type == BACKEND_UNDEFINED) {
    constexpr int32_t kString = 8;
    unsupported(port, side.name,
                port.element_type == kString ? "a tensor of strings"
                                             : "a tensor of element type " + std::to_string(port.element_type));
  }
  read_shape(library, info, side.name, port);
  return port;
}

std::vector<Port> read_side(const Library& library, const ort::Session* session, const Side& side) {
  size_t count = 0;
  require(library.api(), side.count(session, &count));
  std::vector<Port> ports;
  ports.reserve(count);
  for (size_t i = 0; i < count; ++i) ports.push_back(read_port(library, session, side, i));
  return ports;
}

backend_io item_of(Port& port, backend_direction direction) {
  for (const std::string& name : port.dim_names) port.dim_name_texts.push_back(name.c_str());
  backend_io item{};
  item.struct_size = sizeof item;
  item.name = port.name.c_str();
  item.direction = direction;
  item.type = port.type;
  item.rank = port.ranked ? static_cast<int32_t>(port.dims.size()) : -1;
  item.dims = port.dims.data();
  item.dim_names = port.dim_name_texts.data();
  item.location = BACKEND_ON_HOST;
  return item;
}

}  // namespace

IoTable::IoTable(const Library& library, const ort::Session* session) {
  const ort::Api& api = library.api();
  inputs_ = read_side(library, session,
                      {"input", api.SessionGetInputCount, api.SessionGetInputName, api.SessionGetInputTypeInfo});
  outputs_ = read_side(library, session,
                       {"output", api.SessionGetOutputCount, api.SessionGetOutputName, api.SessionGetOutputTypeInfo});
  for (Port& output : outputs_) {
    output.is_input_too =
        std::any_of(inputs_.begin(), inputs_.end(), [&](const Port& in) { return in.name == output.name; });
  }
  for (Port& port : inputs_) items_.push_back(item_of(port, BACKEND_INPUT));
  for (Port& port : outputs_) items_.push_back(item_of(port, BACKEND_OUTPUT));
}

bool bytes_of(backend_type type, uint64_t count, size_t& bytes) {
  const ElementType* known = find_type(type);
  if (known == nullptr) return false;
  if (known->bits < 8) {  // two to a byte, the last one possibly alone
    bytes = static_cast<size_t>(count / 2 + count % 2);
    return true;
  }
  return !__builtin_mul_overflow(count, static_cast<uint64_t>(known->bits / 8), &bytes) && bytes <= PTRDIFF_MAX;
}

const char* type_name(backend_type type) {
  const ElementType* known = find_type(type);
  return known == nullptr ? "unknown" : known->name;
}

std::string shape_text(const int64_t* dims, size_t rank) {
  std::string text = "[";
  for (size_t i = 0; i < rank; ++i) {
    if (i > 0) text += ", ";
    text += dims[i] < 0 ? "?" : std::to_string(dims[i]);
  }
  return text + "]";
}

}  // namespace trtn::cpu
