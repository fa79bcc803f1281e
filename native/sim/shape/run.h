// SPDX-License-Identifier: Apache-2.0
// One run of an engine, as work in a stream or node of a graph.
#ifndef TENSORRT_NODE_SIM_SHAPE_RUN_H_
#define TENSORRT_NODE_SIM_SHAPE_RUN_H_

#include <memory>
#include <string>
#include <vector>

#include "nv.h"

namespace TRT_NS {

// What a context and its runs share.
struct Program {
  std::shared_ptr<sim::Plan> plan;
  int device = 0;
  std::atomic<bool> alive{true};           // the context exists: a graph must not outlive it
  std::atomic<int> running{0};             // begun and not ended
  std::vector<std::vector<char>> scratch;  // by tensor: what lies between inputs and outputs
  std::vector<std::vector<char>> inputs;   // by tensor: inputs read before the consumed event
};
using ProgramPtr = std::shared_ptr<Program>;

// Where a run finds its tensors, and how large they are.
struct Bindings {
  std::shared_ptr<sim::Shapes> shapes;
  std::vector<void*> at;    // by tensor
  std::vector<int> inputs;  // device tensors that are read
  std::vector<int> outputs;
};

// `kWhole` reads, computes and writes; else it is two: `kRead` ends before the consumed event, `kRest` follows it.
enum class Part { kWhole, kRead, kRest };

class RunWork : public sim::Work {
 public:
  RunWork(ProgramPtr program, std::shared_ptr<const Bindings> bindings, Part part);
  ~RunWork() override = default;
  void begin() override;
  int run() override;
  int share() const override;
  bool continues() const override { return part_ == Part::kRest; }

 private:
  const void* source(int tensor) const { return bindings_->at[static_cast<size_t>(tensor)]; }
  size_t bytes(int tensor) const;
  bool reachable(int tensor);
  uint64_t inputSum() const;
  void compute();

  const ProgramPtr program_;
  const std::shared_ptr<const Bindings> bindings_;
  const Part part_;
  bool watched_ = false;
  uint64_t sum_ = 0;
  int code_ = 0;
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_SIM_SHAPE_RUN_H_
