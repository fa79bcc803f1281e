// SPDX-License-Identifier: Apache-2.0
// Weights that an ONNX model keeps in files outside of itself. ONNX Runtime can read them, but a model it saves still refers
// to them (those of subgraphs even when given in memory), and an engine must be one piece: so they are put into the model
// before ONNX Runtime sees it.
#ifndef TENSORRT_NODE_COMMON_EXTERNAL_DATA_H_
#define TENSORRT_NODE_COMMON_EXTERNAL_DATA_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace trtn {

struct ExternalFile {
  const void* data;
  size_t bytes;
};
using ExternalFiles = std::map<std::string, ExternalFile>;  // by location, as the model names it

// The locations, of initializers and of constants, in subgraphs and functions too. Empty for self-contained models and
// for bytes that are no protobuf at all (which ONNX Runtime refuses in its own words).
std::set<std::string> external_locations(const void* model, size_t bytes);

// Whether a location stays inside of the model's folder: relative, and without a step upwards.
bool is_inside(const std::string& location);

// The model with its external weights inside. Throws BACKEND_MODEL where a file is too short for what is taken from it,
// and BACKEND_UNSUPPORTED when the result would be too large for a protobuf file.
std::vector<char> inline_external_data(const void* model, size_t bytes, const ExternalFiles& files);

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_EXTERNAL_DATA_H_
