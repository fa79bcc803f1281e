// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

#include <algorithm>
#include <cstring>

namespace sim {

namespace {

constexpr uint32_t kEnterprise = 0x74727466;  // "ftrt"
constexpr uint32_t kRtx = 0x74727476;         // "vtrt"

class Writer {
 public:
  explicit Writer(std::vector<char>& out) : out_(out) {}
  void number(int64_t value) { raw(&value, sizeof value); }
  void text(const std::string& value) {
    number(static_cast<int64_t>(value.size()));
    raw(value.data(), value.size());
  }
  void numbers(const std::vector<int64_t>& values) {
    number(static_cast<int64_t>(values.size()));
    for (const int64_t value : values) number(value);
  }
  void indices(const std::vector<int>& values) { numbers({values.begin(), values.end()}); }
  void raw(const void* data, size_t bytes) {
    const char* const at = static_cast<const char*>(data);
    out_.insert(out_.end(), at, at + bytes);
  }

 private:
  std::vector<char>& out_;
};

class Reader {
 public:
  Reader(const char* at, const char* end) : at_(at), end_(end) {}
  int64_t number() {
    int64_t value = 0;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  std::string text() {
    const size_t bytes = size();
    return {take(bytes), bytes};
  }
  std::vector<int64_t> numbers() {
    std::vector<int64_t> out;
    for (size_t count = size(); count > 0; --count) out.push_back(number());
    return out;
  }
  std::vector<int> indices() {
    const std::vector<int64_t> all = numbers();
    return {all.begin(), all.end()};
  }
  size_t size() {
    const int64_t value = number();
    if (value < 0 || value > end_ - at_) throw std::runtime_error("assertion plan.payload failed.");
    return static_cast<size_t>(value);
  }

 private:
  const char* take(size_t bytes) {
    if (bytes > static_cast<size_t>(end_ - at_)) throw std::runtime_error("assertion plan.payload failed.");
    const char* const from = at_;
    at_ += bytes;
    return from;
  }
  const char* at_;
  const char* const end_;
};

void writeModel(Writer& out, const Model& model) {
  out.text(model.name);
  out.number(static_cast<int64_t>(model.tensors.size()));
  for (const Tensor& tensor : model.tensors) {
    out.text(tensor.name);
    out.number(tensor.type);
    out.numbers(tensor.dims);
    out.text({tensor.data.begin(), tensor.data.end()});
    out.number((tensor.constant ? 1 : 0) + (tensor.shapeTensor ? 2 : 0) + (tensor.dataDependent ? 4 : 0));
  }
  out.number(static_cast<int64_t>(model.nodes.size()));
  for (const Node& node : model.nodes) {
    out.text(node.op);
    out.text(node.name);
    out.indices(node.in);
    out.indices(node.out);
    out.number(static_cast<int64_t>(node.ints.size()));
    for (const auto& [key, value] : node.ints) {
      out.text(key);
      out.number(value);
    }
    out.number(static_cast<int64_t>(node.floats.size()));
    for (const auto& [key, value] : node.floats) {
      out.text(key);
      out.text({reinterpret_cast<const char*>(&value), sizeof value});
    }
  }
  out.indices(model.inputs);
  out.indices(model.outputs);
}

Node readNode(Reader& in) {
  Node node;
  node.op = in.text();
  node.name = in.text();
  node.in = in.indices();
  node.out = in.indices();
  for (int64_t count = in.number(); count > 0; --count) {
    const std::string key = in.text();
    node.ints[key] = in.number();
  }
  for (int64_t count = in.number(); count > 0; --count) {
    const std::string key = in.text();
    const std::string bytes = in.text();
    std::memcpy(&node.floats[key], bytes.data(), std::min(bytes.size(), sizeof(float)));
  }
  return node;
}

Model readModel(Reader& in) {
  Model model;
  model.name = in.text();
  for (int64_t count = in.number(); count > 0; --count) {
    Tensor tensor;
    tensor.name = in.text();
    tensor.type = static_cast<int>(in.number());
    tensor.dims = in.numbers();
    const std::string data = in.text();
    tensor.data.assign(data.begin(), data.end());
    const int64_t bits = in.number();
    tensor.constant = (bits & 1) != 0;
    tensor.shapeTensor = (bits & 2) != 0;
    tensor.dataDependent = (bits & 4) != 0;
    model.tensors.push_back(std::move(tensor));
  }
  for (int64_t count = in.number(); count > 0; --count) model.nodes.push_back(readNode(in));
  model.inputs = in.indices();
  model.outputs = in.indices();
  return model;
}

template <class T>
T field(const void* data, size_t offset) {
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + offset, sizeof value);
  return value;
}

template <class T>
void put(std::vector<char>& out, size_t offset, T value) {
  std::memcpy(out.data() + offset, &value, sizeof value);
}

uint32_t fold(const char* at, const char* end) {
  uint32_t sum = 2166136261U;
  for (; at != end; ++at) sum = (sum ^ static_cast<unsigned char>(*at)) * 16777619U;
  return sum;
}

std::string dotted(const void* data) {
  const auto* const at = static_cast<const unsigned char*>(data) + 24;
  return std::to_string(at[0]) + "." + std::to_string(at[1]) + "." + std::to_string(at[2]) + "." +
         std::to_string(at[3]);
}

}  // namespace

std::string Version::text() const {
  return std::to_string(number[0]) + "." + std::to_string(number[1]) + "." + std::to_string(number[2]) + "." +
         std::to_string(number[3]);
}

std::vector<char> writePlan(const Plan& plan) {
  std::vector<char> out(kPlanHeader, '\0');
  Writer writer(out);
  writeModel(writer, plan.model);
  writer.number(static_cast<int64_t>(plan.profiles.size()));
  for (const Ranges& ranges : plan.profiles) {
    writer.number(static_cast<int64_t>(ranges.size()));
    for (const auto& [name, range] : ranges) {
      writer.text(name);
      for (const Shape& dims : range.dims) writer.numbers(dims);
      for (const Shape& values : range.values) writer.numbers(values);
    }
  }
  writer.number(static_cast<int64_t>(plan.facts.size()));
  for (const auto& [key, value] : plan.facts) {
    writer.text(key);
    writer.number(value);
  }
  put(out, 0, plan.version.rtx ? kRtx : kEnterprise);
  put(out, 8, plan.version.rtx ? 2U : 0U);
  put(out, 16, static_cast<uint64_t>(out.size()));
  for (size_t i = 0; i < 4; ++i) out[24 + i] = static_cast<char>(plan.version.number[i]);
  if (plan.version.rtx) put(out, 28, kRtx);
  put(out, 32, static_cast<uint32_t>(plan.fact("capabilities")));
  put(out, 40, fold(out.data() + kPlanHeader, out.data() + out.size()));
  put(out, 56, static_cast<uint64_t>(plan.model.weightBytes()));
  return out;
}

void checkHeader(const void* data, size_t bytes, const Version& library) {
  if (data == nullptr)
    throw std::runtime_error("API Usage Error (Parameter check failed, condition: (blob) != nullptr.)");
  if (bytes == 0) throw std::runtime_error("API Usage Error (Cannot deserialize with an empty memory buffer.)");
  if (bytes < kPlanHeader) {
    throw std::runtime_error("Internal Error (Assertion bufferSize >= minBufferSize failed. )");
  }
  const auto magic = field<uint32_t>(data, 0);
  const uint32_t expected = library.rtx ? kRtx : kEnterprise;
  if (magic != expected) {
    throw std::runtime_error(
        "Serialization (Serialization assertion header.magicTag == kEXPECTED_MAGIC_TAG failed.Trying to load an engine "
        "created with incompatible serialization version (" +
        std::to_string(magic) + " != " + std::to_string(expected) + "). )");
  }
}

void checkVersion(const void* data, size_t bytes, const Version& library) {
  if (dotted(data) != library.text()) {
    throw std::runtime_error(
        "Serialization (The engine plan file is not compatible with this version of TensorRT, expecting library "
        "version " +
        library.text() + " got " + dotted(data) + ", please rebuild.)");
  }
  if (field<uint64_t>(data, 16) != bytes) {
    throw std::runtime_error("Serialization (Serialization assertion plan.header.size == blobSize failed.)");
  }
  const char* const at = static_cast<const char*>(data);
  if (fold(at + kPlanHeader, at + bytes) != field<uint32_t>(data, 40)) {
    throw std::runtime_error("Serialization (Serialization assertion plan.payload failed.)");
  }
}

Plan readPlan(const void* data, size_t bytes) {
  const char* const at = static_cast<const char*>(data);
  Reader in(at + kPlanHeader, at + bytes);
  Plan plan;
  for (size_t i = 0; i < 4; ++i) plan.version.number[i] = static_cast<unsigned char>(at[24 + i]);
  plan.version.rtx = field<uint32_t>(data, 0) == kRtx;
  plan.model = readModel(in);
  for (int64_t count = in.number(); count > 0; --count) {
    Ranges ranges;
    for (int64_t inputs = in.number(); inputs > 0; --inputs) {
      Range& range = ranges[in.text()];
      for (Shape& dims : range.dims) dims = in.numbers();
      for (Shape& values : range.values) values = in.numbers();
    }
    plan.profiles.push_back(std::move(ranges));
  }
  for (int64_t count = in.number(); count > 0; --count) {
    const std::string key = in.text();
    plan.facts[key] = in.number();
  }
  return plan;
}

size_t activationBytes(const Model& model, const Shapes& shapes) {
  size_t bytes = 0;
  for (const Node& node : model.nodes) {
    const int out = node.out[0];
    if (std::find(model.outputs.begin(), model.outputs.end(), out) != model.outputs.end()) continue;
    const auto i = static_cast<size_t>(out);
    bytes += (bytesOf(model.tensors[i].type, shapes.dims[i]) + 255) / 256 * 256;
  }
  return bytes;
}

}  // namespace sim
