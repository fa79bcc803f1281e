// SPDX-License-Identifier: Apache-2.0
// The scripted backend's "model" and "payload": a text that says what the engine looks like. See scripted.md.
#ifndef TENSORRT_NODE_TEST_SCRIPTED_MODEL_H_
#define TENSORRT_NODE_TEST_SCRIPTED_MODEL_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "backend.h"

namespace trtn::scripted {

struct Tensor {
  std::string name;
  backend_direction direction;
  backend_type type;
  std::vector<int64_t> dims;
  std::vector<std::string> dim_names;
};

struct Model {
  std::vector<Tensor> tensors;      // inputs first
  std::vector<std::string> script;  // "key value" lines that are defaults of the options
  size_t inputs = 0;
};

// Throws trtn::Error (BACKEND_MODEL) with the line that it does not understand.
Model parse_model(std::string_view text);

size_t type_bytes(backend_type type);

// The backend_io view of a model, which must outlive it.
class IoTable {
 public:
  explicit IoTable(const Model& model);
  const std::vector<backend_io>& items() const { return items_; }

 private:
  std::deque<std::vector<const char*>> names_;
  std::vector<backend_io> items_;
};

}  // namespace trtn::scripted

#endif  // TENSORRT_NODE_TEST_SCRIPTED_MODEL_H_
