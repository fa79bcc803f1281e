// SPDX-License-Identifier: Apache-2.0
// Inputs and outputs of an engine, in our own terms, and as the contract shows them.
#ifndef TENSORRT_NODE_RUN_IO_TABLE_H_
#define TENSORRT_NODE_RUN_IO_TABLE_H_

#include <deque>
#include <string>
#include <vector>

#include "../trt.h"
#include "backend.h"

namespace trt::run {

// Bounds of one input in one profile: of its dimensions, or of its values where it is a shape tensor.
struct Range {
  std::vector<int64_t> min;
  std::vector<int64_t> opt;
  std::vector<int64_t> max;
};

struct Port {
  std::string name;
  backend_type type = BACKEND_UNDEFINED;
  int bits = 0;  // of one element
  Dims dims;     // -1: free
  bool on_host = false;
  bool is_shape = false;
  std::string format;         // as TensorRT describes it
  std::vector<Range> ranges;  // one for each profile; inputs only
};

// Bytes of `dims`, which are all known. False: more than there can be.
bool bytes_of(const Port& port, const int64_t* dims, int32_t rank, size_t& bytes);
const char* type_name(backend_type type);
std::string shape_text(const int64_t* dims, size_t rank);
inline std::string shape_text(const std::vector<int64_t>& dims) { return shape_text(dims.data(), dims.size()); }
inline std::string shape_text(const Dims& dims) { return shape_text(dims.d, static_cast<size_t>(dims.rank)); }

class IoTable {
 public:
  // @throws Error(BACKEND_UNSUPPORTED): an element type or a memory format that we do not serve
  explicit IoTable(const Engine& engine);
  IoTable(std::vector<Port> inputs, std::vector<Port> outputs, int32_t profiles);
  IoTable(const IoTable&) = delete;
  IoTable& operator=(const IoTable&) = delete;

  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }
  const std::vector<backend_io>& items() const { return items_; }
  int32_t profiles() const { return profiles_; }

 private:
  void show();

  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  int32_t profiles_ = 1;
  std::deque<std::vector<backend_profile_range>> ranges_;  // what items_ point to
  std::vector<backend_io> items_;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_IO_TABLE_H_
