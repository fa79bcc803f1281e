// SPDX-License-Identifier: Apache-2.0
#include "request.h"

#include <cstring>

#include "error.h"

namespace trt::run {
namespace {

using trtn::Error;

[[noreturn]] void refuse_index(const char* side, uint32_t index, size_t count) {
  throw Error(BACKEND_INVALID_ARGUMENT, std::string("The engine has ") + std::to_string(count) + " " + side +
                                            "s; number " + std::to_string(index) + " does not exist, or came twice.");
}

bool fits(const Dims& engine, const backend_tensor& tensor) {
  if (engine.rank != tensor.rank) return false;
  for (int32_t i = 0; i < engine.rank; ++i) {
    if (tensor.dims[i] < 0 || (engine.d[i] >= 0 && engine.d[i] != tensor.dims[i])) return false;
  }
  return true;
}

}  // namespace

void Request::read(const backend_run& run) {
  run_ = &run;
  key_.clear();
  key_.push_back(run.profile < 0 ? -1 : run.profile);
  read_inputs();
  check_outputs();
}

void Request::read_inputs() {
  const std::vector<Port>& ports = io_.inputs();
  inputs_.assign(ports.size(), nullptr);
  for (uint32_t i = 0; i < run_->input_count; ++i) {
    const backend_tensor& tensor = run_->inputs[i];
    if (tensor.index >= ports.size() || inputs_[tensor.index] != nullptr)
      refuse_index("input", tensor.index, ports.size());
    inputs_[tensor.index] = &tensor;
  }
  starts_.clear();
  for (size_t i = 0; i < ports.size(); ++i) {
    if (inputs_[i] == nullptr)
      throw Error(BACKEND_INVALID_ARGUMENT, "The input '" + ports[i].name + "' was not given.");
    check_input(ports[i], *inputs_[i]);
    starts_.push_back(key_.size());
    add_to_key(ports[i], *inputs_[i]);
  }
  starts_.push_back(key_.size());
  asked_.clear();  // only now: the key has stopped growing, and its memory stays where it is
  for (size_t i = 0; i < ports.size(); ++i) {
    const size_t skipped = ports[i].is_shape ? static_cast<size_t>(inputs_[i]->rank) : 0;  // its values are asked for
    const size_t begin = starts_[i] + skipped;
    asked_.push_back({key_.data() + begin, starts_[i + 1] - begin});
  }
}

void Request::check_input(const Port& port, const backend_tensor& tensor) const {
  if (tensor.rank < 0 || !fits(port.dims, tensor)) {
    throw Error(BACKEND_SHAPE,
                "The input '" + port.name + "' takes the shape " + shape_text(port.dims) + " but received " +
                    shape_text(tensor.dims, tensor.rank < 0 ? 0 : static_cast<size_t>(tensor.rank)) + ".");
  }
  size_t bytes = 0;
  if (!bytes_of(port, tensor.dims, tensor.rank, bytes) || bytes != tensor.bytes) {
    throw Error(BACKEND_SHAPE, "The input '" + port.name + "' has the shape " +
                                   shape_text(tensor.dims, static_cast<size_t>(tensor.rank)) + " of " +
                                   type_name(port.type) + ", which is not " + std::to_string(tensor.bytes) + " bytes.");
  }
}

void Request::add_to_key(const Port& port, const backend_tensor& tensor) {
  key_.insert(key_.end(), tensor.dims, tensor.dims + tensor.rank);
  if (!port.is_shape) return;
  const auto* data = static_cast<const char*>(tensor.data);
  const size_t width = port.type == BACKEND_INT64 ? sizeof(int64_t) : sizeof(int32_t);
  for (size_t at = 0; at + width <= tensor.bytes; at += width) {
    int64_t wide = 0;
    int32_t narrow = 0;
    if (width == sizeof wide) std::memcpy(&wide, data + at, sizeof wide);
    if (width == sizeof narrow) std::memcpy(&narrow, data + at, sizeof narrow);
    key_.push_back(width == sizeof wide ? wide : narrow);
  }
}

void Request::check_outputs() {
  const std::vector<Port>& ports = io_.outputs();
  if (run_->output_count == 0) {
    throw Error(BACKEND_INVALID_ARGUMENT, "Expected at least one wanted output but received none.");
  }
  seen_.assign(ports.size(), false);
  for (uint32_t i = 0; i < run_->output_count; ++i) {
    const uint32_t index = run_->outputs[i].index;
    if (index >= ports.size() || seen_[index]) refuse_index("output", index, ports.size());
    seen_[index] = true;
  }
}

}  // namespace trt::run
