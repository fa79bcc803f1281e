// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "run.h"

namespace TRT_NS {

namespace {
constexpr int kIllegalAddress = 700;
}

RunWork::RunWork(ProgramPtr program, std::shared_ptr<const Bindings> bindings, Part part)
    : Work(sim::Unit::kCompute), program_(std::move(program)), bindings_(std::move(bindings)), part_(part) {}

int RunWork::share() const {
  const int consumed = sim::bridge().settings().consumedPercent;
  if (part_ == Part::kWhole) return 100;
  return part_ == Part::kRead ? consumed : 100 - consumed;
}

size_t RunWork::bytes(int tensor) const {
  const auto i = static_cast<size_t>(tensor);
  return sim::bytesOf(program_->plan->model.tensors[i].type, bindings_->shapes->dims[i]);
}

bool RunWork::reachable(int tensor) {
  std::string why;
  const size_t size = bytes(tensor);
  if (size == 0 || sim::bridge().onDevice(source(tensor), size, program_->device, why, true)) return true;
  sim::bridge().violation("illegalAddress", "a run touched " + why + " as tensor " +
                                                program_->plan->model.tensors[static_cast<size_t>(tensor)].name);
  code_ = kIllegalAddress;
  return false;
}

uint64_t RunWork::inputSum() const {
  uint64_t sum = 0;
  for (const int tensor : bindings_->inputs) sum = sum * 31 + sim::bridge().checksum(source(tensor), bytes(tensor));
  return sum;
}

// With the GPU's lock: the memory must be there when the device comes to it, not only at the call.
void RunWork::begin() {
  ++program_->running;
  code_ = 0;
  if (!program_->alive) {
    sim::bridge().violation("contextGone", "a graph was launched after its execution context was destroyed");
    code_ = kIllegalAddress;
    return;
  }
  if (part_ != Part::kRest) {
    for (const int tensor : bindings_->inputs) {
      if (!reachable(tensor)) return;
    }
  }
  if (part_ != Part::kRead) {
    for (const int tensor : bindings_->outputs) {
      if (!reachable(tensor)) return;
    }
  }
  watched_ = part_ != Part::kRest && sim::bridge().settings().watchInputs != 0 &&
             sim::bridge().latencyOf(sim::Unit::kCompute, 0) != 0;
  if (watched_) sum_ = inputSum();
}

int RunWork::run() {
  --program_->running;
  if (code_ != 0) return code_;
  if (watched_ && inputSum() != sum_) {
    sim::bridge().violation("inputChanged", "an input changed while a run was still reading it");
  }
  if (part_ == Part::kRead) {
    for (const int tensor : bindings_->inputs) {
      const char* const from = static_cast<const char*>(source(tensor));
      program_->inputs[static_cast<size_t>(tensor)].assign(from, from + bytes(tensor));
    }
  } else {
    compute();
  }
  return 0;
}

void RunWork::compute() {
  if (part_ == Part::kWhole) return sim::execute(program_->plan->model, *bindings_->shapes, bindings_->at);
  std::vector<void*> at = bindings_->at;
  for (const int tensor : bindings_->inputs)
    at[static_cast<size_t>(tensor)] = program_->inputs[static_cast<size_t>(tensor)].data();
  sim::execute(program_->plan->model, *bindings_->shapes, at);
}

}  // namespace TRT_NS
