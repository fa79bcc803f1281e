// SPDX-License-Identifier: Apache-2.0
#include "io_table.h"

#include "error.h"

namespace trt::run {
namespace {

using trtn::Error;

constexpr int32_t kLinearFormat = 0;  // TensorFormat::kLINEAR

struct ElementType {
  DataType trt;
  backend_type type;
  int bits;
  const char* name;
};
constexpr ElementType kElementTypes[] = {
    {DataType::kFloat, BACKEND_FLOAT32, 32, "float32"},
    {DataType::kHalf, BACKEND_FLOAT16, 16, "float16"},
    {DataType::kInt8, BACKEND_INT8, 8, "int8"},
    {DataType::kInt32, BACKEND_INT32, 32, "int32"},
    {DataType::kBool, BACKEND_BOOL, 8, "bool"},
    {DataType::kUint8, BACKEND_UINT8, 8, "uint8"},
    {DataType::kFp8, BACKEND_FLOAT8E4M3FN, 8, "float8"},
    {DataType::kBf16, BACKEND_BFLOAT16, 16, "bfloat16"},
    {DataType::kInt64, BACKEND_INT64, 64, "int64"},
    {DataType::kInt4, BACKEND_INT4, 4, "int4"},
    {DataType::kFp4, BACKEND_FLOAT4E2M1, 4, "float4e2m1"},
};

// Vectors of channels are padded, and other orders of dimensions (HWC) are not what the shape says: no caller's array has
// such a layout, and none could be told from one that has not.
void refuse_packed(const Engine& engine, const Port& port) {
  for (int32_t profile = 0; profile < engine.profiles(); ++profile) {
    const TensorFormat format = engine.format(port.name.c_str(), profile);
    if (format.format == kLinearFormat) continue;
    const std::string packs =
        format.componentsPerElement <= 1
            ? ", which is not the order of its dimensions"
            : ", which packs " + std::to_string(format.componentsPerElement) + " values along one dimension";
    throw Error(BACKEND_UNSUPPORTED, "The tensor '" + port.name + "' has the memory format '" + format.description +
                                         "'" + packs + ". Build the engine with linear inputs and outputs.");
  }
}

std::vector<int64_t> list_of(const Dims& dims) {
  return dims.rank > 0 ? std::vector<int64_t>(dims.d, dims.d + dims.rank) : std::vector<int64_t>();
}

Range read_range(const Engine& engine, const Port& port, int32_t profile) {
  const char* name = port.name.c_str();
  if (port.is_shape) {
    return {engine.profileValues(name, profile, Selector::kMin), engine.profileValues(name, profile, Selector::kOpt),
            engine.profileValues(name, profile, Selector::kMax)};
  }
  return {list_of(engine.profileShape(name, profile, Selector::kMin)),
          list_of(engine.profileShape(name, profile, Selector::kOpt)),
          list_of(engine.profileShape(name, profile, Selector::kMax))};
}

Port read_port(const Engine& engine, const std::string& name, bool input) {
  Port port;
  port.name = name;
  const DataType type = engine.type(name.c_str());
  for (const ElementType& known : kElementTypes) {
    if (known.trt != type) continue;
    port.type = known.type;
    port.bits = known.bits;
  }
  if (port.bits == 0) {
    throw Error(BACKEND_UNSUPPORTED, "The tensor '" + name + "' has TensorRT's element type number " +
                                         std::to_string(static_cast<int>(type)) +
                                         ", which has no counterpart in ONNX. Convert it inside the graph.");
  }
  port.dims = engine.shape(name.c_str());
  port.on_host = engine.onHost(name.c_str());
  port.is_shape = engine.isShapeTensor(name.c_str());
  port.format = engine.format(name.c_str(), 0).description;
  refuse_packed(engine, port);
  if (!input) return port;
  for (int32_t i = 0; i < engine.profiles(); ++i) port.ranges.push_back(read_range(engine, port, i));
  return port;
}

backend_io item_of(const Port& port, backend_direction direction) {
  backend_io item{};
  item.struct_size = sizeof item;
  item.name = port.name.c_str();
  item.direction = direction;
  item.type = port.type;
  item.rank = port.dims.rank;
  item.dims = port.dims.d;
  item.location = port.on_host ? BACKEND_ON_HOST : BACKEND_ON_DEVICE;
  item.is_shape = port.is_shape ? 1 : 0;
  return item;
}

}  // namespace

IoTable::IoTable(const Engine& engine) : profiles_(engine.profiles()) {
  for (int32_t i = 0; i < engine.tensors(); ++i) {
    const std::string name = engine.tensorName(i);
    const bool input = engine.isInput(name.c_str());
    (input ? inputs_ : outputs_).push_back(read_port(engine, name, input));
  }
  show();
}

IoTable::IoTable(std::vector<Port> inputs, std::vector<Port> outputs, int32_t profiles)
    : inputs_(std::move(inputs)), outputs_(std::move(outputs)), profiles_(profiles) {
  show();
}

void IoTable::show() {
  for (const Port& port : inputs_) {
    std::vector<backend_profile_range>& shown = ranges_.emplace_back();
    for (const Range& range : port.ranges) {
      shown.push_back({port.name.c_str(), static_cast<int32_t>(range.min.size()), port.is_shape ? 1 : 0,
                       range.min.data(), range.opt.data(), range.max.data()});
    }
    items_.push_back(item_of(port, BACKEND_INPUT));
    items_.back().profiles = shown.data();
    items_.back().profile_count = shown.size();
  }
  for (const Port& port : outputs_) items_.push_back(item_of(port, BACKEND_OUTPUT));
}

bool bytes_of(const Port& port, const int64_t* dims, int32_t rank, size_t& bytes) {
  uint64_t count = 1;
  for (int32_t i = 0; i < rank; ++i) {
    if (dims[i] < 0 || __builtin_mul_overflow(count, static_cast<uint64_t>(dims[i]), &count)) return false;
  }
  if (port.bits < 8) {  // two to a byte, the last one possibly alone
    bytes = static_cast<size_t>(count / 2 + count % 2);
    return true;
  }
  return !__builtin_mul_overflow(count, static_cast<uint64_t>(port.bits / 8), &bytes) && bytes <= PTRDIFF_MAX;
}

const char* type_name(backend_type type) {
  for (const ElementType& known : kElementTypes) {
    if (known.type == type) return known.name;
  }
  return "unknown";
}

std::string shape_text(const int64_t* dims, size_t rank) {
  std::string text = "[";
  for (size_t i = 0; i < rank; ++i) {
    if (i > 0) text += ", ";
    text += dims[i] < 0 ? "?" : std::to_string(dims[i]);
  }
  return text + "]";
}

}  // namespace trt::run
