// SPDX-License-Identifier: Apache-2.0
// Reads one run of the contract against the engine's inputs and outputs. Scratch of one lane; not thread-safe.
#ifndef TENSORRT_NODE_RUN_REQUEST_H_
#define TENSORRT_NODE_RUN_REQUEST_H_

#include <vector>

#include "backend.h"
#include "io_table.h"
#include "profiles.h"

namespace trt::run {

class Request {
 public:
  explicit Request(const IoTable& io) : io_(io) {}

  // @throws Error: an input or output is missing, unknown, twice there, or of a shape or size the engine does not take
  void read(const backend_run& run);

  const backend_run& run() const { return *run_; }
  const backend_tensor& input(size_t index) const { return *inputs_[index]; }  // in the engine's order
  const std::vector<Asked>& asked() const { return asked_; }
  // What decides shapes: the wanted profile, every input's dimensions, and the values of shape tensors.
  const std::vector<int64_t>& key() const { return key_; }

 private:
  void read_inputs();
  void check_input(const Port& port, const backend_tensor& tensor) const;
  void add_to_key(const Port& port, const backend_tensor& tensor);
  void check_outputs();

  const IoTable& io_;
  const backend_run* run_ = nullptr;
  std::vector<const backend_tensor*> inputs_;
  std::vector<bool> seen_;
  std::vector<int64_t> key_;
  std::vector<size_t> starts_;  // where each input's part of the key begins, and how long it is
  std::vector<Asked> asked_;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_REQUEST_H_
