// SPDX-License-Identifier: Apache-2.0
#include "scripted_model.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

#include "error.h"

namespace trtn::scripted {
namespace {

struct TypeInfo {
  backend_type type;
  size_t bytes;
};

const std::map<std::string, TypeInfo>& types() {
  static const auto& table = *new std::map<std::string, TypeInfo>{
      {"float32", {BACKEND_FLOAT32, 4}}, {"float64", {BACKEND_FLOAT64, 8}}, {"float16", {BACKEND_FLOAT16, 2}},
      {"uint8", {BACKEND_UINT8, 1}},     {"int8", {BACKEND_INT8, 1}},       {"int32", {BACKEND_INT32, 4}},
      {"int64", {BACKEND_INT64, 8}},     {"bool", {BACKEND_BOOL, 1}},
  };
  return table;
}

Tensor parse_tensor(backend_direction direction, std::istringstream& words, const std::string& line) {
  Tensor tensor{};
  tensor.direction = direction;
  std::string type;
  std::string dims;
  words >> tensor.name >> type >> dims;
  const auto known = types().find(type);
  if (known == types().end() || dims.empty()) throw Error(BACKEND_MODEL, "scripted: cannot read \"" + line + "\"");
  tensor.type = known->second.type;
  if (dims == "scalar") return tensor;
  std::istringstream parts(dims);
  for (std::string part; std::getline(parts, part, ',');) {
    char* end = nullptr;
    const int64_t value = std::strtoll(part.c_str(), &end, 10);
    const bool number = *end == '\0';
    tensor.dims.push_back(number ? value : -1);
    tensor.dim_names.push_back(number ? "" : part);
  }
  return tensor;
}

}  // namespace

Model parse_model(std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::string line;
  if (!std::getline(lines, line) || line != "scripted 1") {
    throw Error(BACKEND_MODEL, "scripted: the first line must be \"scripted 1\"");
  }
  Model model;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word)) continue;
    if (word == "input" || word == "output") {
      model.tensors.push_back(parse_tensor(word == "input" ? BACKEND_INPUT : BACKEND_OUTPUT, words, line));
    } else {
      model.script.push_back(line);
    }
  }
  std::stable_sort(model.tensors.begin(), model.tensors.end(),
                   [](const Tensor& a, const Tensor& b) { return a.direction < b.direction; });
  model.inputs = static_cast<size_t>(std::count_if(model.tensors.begin(), model.tensors.end(),
                                                   [](const Tensor& t) { return t.direction == BACKEND_INPUT; }));
  return model;
}

size_t type_bytes(backend_type type) {
  for (const auto& [name, info] : types()) {
    if (info.type == type) return info.bytes;
  }
  return 0;
}

IoTable::IoTable(const Model& model) {
  for (const Tensor& tensor : model.tensors) {
    std::vector<const char*>& names = names_.emplace_back();
    for (const std::string& name : tensor.dim_names) names.push_back(name.c_str());
    backend_io io{};
    io.struct_size = sizeof io;
    io.name = tensor.name.c_str();
    io.direction = tensor.direction;
    io.type = tensor.type;
    io.rank = static_cast<int32_t>(tensor.dims.size());
    io.dims = tensor.dims.data();
    io.dim_names = names.data();
    io.location = BACKEND_ON_HOST;
    items_.push_back(io);
  }
}

}  // namespace trtn::scripted
