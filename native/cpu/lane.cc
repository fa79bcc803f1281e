// SPDX-License-Identifier: Apache-2.0
#include "lane.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>

#include "error.h"
#include "shapes.h"

namespace trtn::cpu {
namespace {

// ONNX Runtime takes no null data, also where there is none to read.
alignas(64) char no_data[64];

// An output in ONNX Runtime's own memory. The value shares ownership of the arena it came from, so that it may outlive
// session and engine; the library is never unloaded.
struct Pooled {
  ort::Owned<ort::Value> value;
  std::unique_ptr<char[]> copy;  // instead of a value: for an output that ONNX Runtime does not own
};

// Whether ONNX Runtime can write this output straight into the caller's memory.
bool is_in_place(const backend_tensor& wanted, const Port& port) {
  return wanted.memory != BACKEND_POOLED && wanted.rank >= 0 && !port.is_input_too;
}

void copy_out(const Port& port, const backend_tensor& made, backend_tensor& wanted) {
  const auto rank = static_cast<size_t>(made.rank);
  const bool other_shape =
      wanted.rank >= 0 && (wanted.rank != made.rank || !std::equal(made.dims, made.dims + rank, wanted.dims));
  if (made.bytes > wanted.bytes || other_shape) {
    throw Error(BACKEND_SHAPE, "The buffer for the output '" + port.name + "' holds " + std::to_string(wanted.bytes) +
                                   " bytes; the output has the shape " + shape_text(made.dims, rank) + " and needs " +
                                   std::to_string(made.bytes) + ".");
  }
  if (made.bytes > 0) std::memcpy(wanted.data, made.data, made.bytes);
  void* const data = wanted.data;
  wanted = made;
  wanted.data = data;
}

class Stopwatch {
 public:
  explicit Stopwatch(uint64_t& total) : total_(total), begun_(std::chrono::steady_clock::now()) {}
  ~Stopwatch() {
    const auto spent = std::chrono::steady_clock::now() - begun_;
    total_ += static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count());
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  uint64_t& total_;
  std::chrono::steady_clock::time_point begun_;
};

[[noreturn]] void refuse_index(const char* side, uint32_t index, size_t count) {
  throw Error(BACKEND_INVALID_ARGUMENT, std::string("The engine has ") + std::to_string(count) + " " + side +
                                            "s; number " + std::to_string(index) + " does not exist, or came twice.");
}

}  // namespace

CpuLane::CpuLane(std::shared_ptr<const Model> model, std::shared_ptr<const IoTable> io)
    : model_(std::move(model)), io_(std::move(io)), api_(model_->library().api()) {
  ort::RunOptions* options = nullptr;
  require(api_, api_.CreateRunOptions(&options));
  options_ = {options, {api_.ReleaseRunOptions}};
}

void CpuLane::interrupt() noexcept {
  if (ort::Status* status = api_.RunOptionsSetTerminate(options_.get())) api_.ReleaseStatus(status);
}

void CpuLane::rearm() noexcept {
  if (ort::Status* status = api_.RunOptionsUnsetTerminate(options_.get())) api_.ReleaseStatus(status);
}

backend_status CpuLane::execute(const backend_run& request, backend_timings& timings, std::string& message) noexcept {
  backend_status result = BACKEND_OK;
  try {
    run(request, timings);
  } catch (const Error& error) {
    result = error.status();
    message = error.what();
  } catch (const std::bad_alloc&) {
    result = BACKEND_OUT_OF_MEMORY;  // no message: making one would need memory
  } catch (const std::exception& error) {
    result = BACKEND_INTERNAL;
    message = error.what();
  }
  if (result != BACKEND_OK) give_back(request);
  clear();
  return result;
}

void CpuLane::run(const backend_run& run, backend_timings& timings) {
  for (uint32_t i = 0; i < run.output_count; ++i) run.outputs[i].pooled = nullptr;
  bind_inputs(run);
  bind_outputs(run);
  ort::Status* status = nullptr;
  {
    const Stopwatch watch(timings.compute_ns);
    status = api_.Run(model_->session(), options_.get(), input_names_.data(), inputs_.data(), inputs_.size(),
                      output_names_.data(), outputs_.size(), outputs_.data());
  }
  require(api_, status, Stage::kRun);
  for (uint32_t i = 0; i < run.output_count; ++i) {
    collect(run.outputs[i], io_->outputs()[run.outputs[i].index], outputs_[i], timings);
  }
}

void CpuLane::bind_inputs(const backend_run& run) {
  const std::vector<Port>& ports = io_->inputs();
  seen_.assign(ports.size(), false);
  for (uint32_t i = 0; i < run.input_count; ++i) {
    const backend_tensor& tensor = run.inputs[i];
    if (tensor.index >= ports.size() || seen_[tensor.index]) refuse_index("input", tensor.index, ports.size());
    seen_[tensor.index] = true;
    const Port& port = ports[tensor.index];
    check_input(port, tensor);
    input_names_.push_back(port.name.c_str());
    inputs_.push_back(wrap(port, tensor, tensor.bytes));
  }
  const auto missing = std::find(seen_.begin(), seen_.end(), false);
  if (missing == seen_.end()) return;
  throw Error(BACKEND_INVALID_ARGUMENT,
              "The input '" + ports[static_cast<size_t>(missing - seen_.begin())].name + "' was not given.");
}

void CpuLane::bind_outputs(const backend_run& run) {
  const std::vector<Port>& ports = io_->outputs();
  seen_.assign(ports.size(), false);
  if (run.output_count == 0)
    throw Error(BACKEND_INVALID_ARGUMENT, "Expected at least one wanted output but received none.");
  for (uint32_t i = 0; i < run.output_count; ++i) {
    const backend_tensor& tensor = run.outputs[i];
    if (tensor.index >= ports.size() || seen_[tensor.index]) refuse_index("output", tensor.index, ports.size());
    seen_[tensor.index] = true;
    const Port& port = ports[tensor.index];
    output_names_.push_back(port.name.c_str());
    outputs_.push_back(nullptr);  // allocated by ONNX Runtime
    if (!is_in_place(tensor, port)) continue;
    const size_t bytes = checked_bytes(port, tensor, "output");
    if (bytes > tensor.bytes) {
      throw Error(BACKEND_SHAPE, "The buffer for the output '" + port.name + "' holds " + std::to_string(tensor.bytes) +
                                     " bytes; its shape needs " + std::to_string(bytes) + ".");
    }
    outputs_.back() = wrap(port, tensor, bytes);
  }
}

ort::Value* CpuLane::wrap(const Port& port, const backend_tensor& tensor, size_t bytes) {
  void* data = tensor.data == nullptr ? no_data : tensor.data;
  ort::Value* value = nullptr;
  require(api_, api_.CreateTensorWithDataAsOrtValue(model_->library().memory_info(), data, bytes, tensor.dims,
                                                    static_cast<size_t>(tensor.rank), port.element_type, &value));
  return value;
}

void CpuLane::collect(backend_tensor& wanted, const Port& port, ort::Value*& value, backend_timings& timings) {
  if (is_in_place(wanted, port)) {
    wanted.bytes = checked_bytes(port, wanted, "output");
    return;
  }
  backend_tensor made = read_output(port, value);
  made.index = wanted.index;
  made.memory = wanted.memory;
  if (made.memory == BACKEND_POOLED) {
    auto handle = std::make_unique<Pooled>();
    if (port.is_input_too) {  // the value points into the caller's input, which ends with the run
      const Stopwatch watch(timings.copy_out_ns);
      handle->copy = std::make_unique<char[]>(made.bytes);
      if (made.bytes > 0) std::memcpy(handle->copy.get(), made.data, made.bytes);
      made.data = handle->copy.get();
      ++timings.copies;
    } else {
      handle->value = {value, {api_.ReleaseValue}};
      value = nullptr;
    }
    made.pooled = handle.release();
    wanted = made;
    return;
  }
  const Stopwatch watch(timings.copy_out_ns);
  copy_out(port, made, wanted);
  ++timings.copies;
}

backend_tensor CpuLane::read_output(const Port& port, ort::Value* value) const {
  ort::TensorInfo* raw = nullptr;
  require(api_, api_.GetTensorTypeAndShape(value, &raw), Stage::kRun);
  const ort::Owned<ort::TensorInfo> info(raw, {api_.ReleaseTensorTypeAndShapeInfo});
  size_t rank = 0;
  require(api_, api_.GetDimensionsCount(raw, &rank));
  if (rank > BACKEND_MAX_RANK) {
    throw Error(BACKEND_UNSUPPORTED, "The output '" + port.name + "' has " + std::to_string(rank) + " dimensions.");
  }
  backend_tensor made{};
  made.rank = static_cast<int32_t>(rank);
  require(api_, api_.GetDimensions(raw, made.dims, rank));
  uint64_t count = 1;
  for (size_t i = 0; i < rank; ++i) count *= static_cast<uint64_t>(made.dims[i]);
  bytes_of(port.type, count, made.bytes);
  require(api_, api_.GetTensorMutableData(value, &made.data));
  return made;
}

// A failed run hands out nothing, also when its first outputs had been collected already.
void CpuLane::give_back(const backend_run& run) noexcept {
  for (uint32_t i = 0; i < run.output_count; ++i) {
    backend_tensor& output = run.outputs[i];
    if (output.memory == BACKEND_POOLED && output.pooled != nullptr) release_pooled(output.pooled);
    output.pooled = nullptr;
  }
}

void CpuLane::clear() noexcept {
  for (ort::Value* value : inputs_) api_.ReleaseValue(value);
  for (ort::Value* value : outputs_) {
    if (value != nullptr) api_.ReleaseValue(value);
  }
  inputs_.clear();
  outputs_.clear();
  input_names_.clear();
  output_names_.clear();
}

void release_pooled(void* pooled) noexcept { delete static_cast<Pooled*>(pooled); }

}  // namespace trtn::cpu
