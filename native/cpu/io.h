// SPDX-License-Identifier: Apache-2.0
// Inputs and outputs of a model, read once from an ONNX Runtime session.
#ifndef TENSORRT_NODE_CPU_IO_H_
#define TENSORRT_NODE_CPU_IO_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "backend.h"
#include "ort_library.h"

namespace trtn::cpu {

struct Port {
  std::string name;
  backend_type type = BACKEND_UNDEFINED;
  int32_t element_type = 0;  // the same in ONNX Runtime's numbers
  bool ranked = true;
  bool is_input_too = false;  // an output that is an input of the same name, handed through
  std::vector<int64_t> dims;
  std::vector<std::string> dim_names;
  std::vector<const char*> dim_name_texts;  // views of dim_names, for the contract
};

class IoTable {
 public:
  // Throws BACKEND_UNSUPPORTED for what is not a tensor of a type or rank this backend serves.
  IoTable(const Library& library, const ort::Session* session);
  IoTable(const IoTable&) = delete;  // items_ points into the ports
  IoTable& operator=(const IoTable&) = delete;

  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }
  // The same in the contract's form: inputs, then outputs.
  const std::vector<backend_io>& items() const { return items_; }

 private:
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  std::vector<backend_io> items_;
};

// Bytes of `count` elements; false: more than an address can hold.
bool bytes_of(backend_type type, uint64_t count, size_t& bytes);
const char* type_name(backend_type type);
// "[1, 3, ?]"; -1 is written as "?".
std::string shape_text(const int64_t* dims, size_t rank);

}  // namespace trtn::cpu

#endif  // TENSORRT_NODE_CPU_IO_H_
