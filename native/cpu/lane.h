// SPDX-License-Identifier: Apache-2.0
// One lane: executes one run after another on its own thread.
#ifndef TENSORRT_NODE_CPU_LANE_H_
#define TENSORRT_NODE_CPU_LANE_H_

#include <memory>
#include <string>
#include <vector>

#include "io.h"
#include "lanes.h"
#include "model.h"

namespace trtn::cpu {

class CpuLane : public LaneWork {
 public:
  CpuLane(std::shared_ptr<const Model> model, std::shared_ptr<const IoTable> io);

  backend_status execute(const backend_run& run, backend_timings& timings, std::string& message) noexcept override;
  void interrupt() noexcept override;
  void rearm() noexcept override;

 private:
  void run(const backend_run& run, backend_timings& timings);
  void bind_inputs(const backend_run& run);
  void bind_outputs(const backend_run& run);
  void collect(backend_tensor& wanted, const Port& port, ort::Value*& value, backend_timings& timings);
  backend_tensor read_output(const Port& port, ort::Value* value) const;
  ort::Value* wrap(const Port& port, const backend_tensor& tensor, size_t bytes);
  void give_back(const backend_run& run) noexcept;
  void clear() noexcept;

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const IoTable> io_;
  const ort::Api& api_;
  ort::Owned<ort::RunOptions> options_;
  // Scratch, kept between runs for its capacity. Values at an index belong to the name at that index.
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
  std::vector<ort::Value*> inputs_;
  std::vector<ort::Value*> outputs_;
  std::vector<bool> seen_;
};

// backend_api::release
void release_pooled(void* pooled) noexcept;

}  // namespace trtn::cpu

#endif  // TENSORRT_NODE_CPU_LANE_H_
