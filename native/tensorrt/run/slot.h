// SPDX-License-Identifier: Apache-2.0
// All that one run on the device needs for itself: a stream, an event, device memory, staging memory. A lane has a few,
// so that the copies of one run overlap the computing of another.
#ifndef TENSORRT_NODE_RUN_SLOT_H_
#define TENSORRT_NODE_RUN_SLOT_H_

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "backend.h"
#include "device.h"
#include "dynamic_output.h"
#include "graph_cache.h"
#include "io_table.h"
#include "layout.h"
#include "pinned_pool.h"
#include "request.h"
#include "settings.h"

namespace trt::run {

struct Copy {
  void* to;
  const void* from;
  size_t bytes;
};

class Slot {
 public:
  Slot(Device& device, const IoTable& io, const SessionSettings& settings, int64_t index);
  ~Slot();
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  // ---- The thread that submits ----
  // Memory for such a run. True: device memory has moved, and graphs that were captured with it are void.
  bool prepare(std::shared_ptr<const Layout> layout);
  // Reads the caller's memory where it has to be staged, and lists the copies to the device.
  void take_inputs(const Request& request);
  // Decides where outputs go, and lists the copies from the device.
  void take_outputs(const Request& request);
  // Those whose shape TensorRT has just told.
  void take_dynamic_outputs();
  void* input_address(size_t index) const;
  void* output_address(size_t index) const;
  // Whether the run's addresses are the slot's own, so that the next run of this layout will have the same.
  bool all_staged() const noexcept { return all_staged_; }
  void write_key(GraphKey& key, int64_t kind) const;

  // ---- The thread that waits, once the device is done; or the one that submits, when that failed ----
  // Brings outputs to where the caller wants them.
  void collect();
  // Of a failed run: gives back what it would have handed out.
  void abandon() noexcept;

  const int64_t index;
  OwnedStream stream;
  OwnedEvent done;
  std::array<OwnedEvent, 3> marks;  // with timings: before the copies in, before computing, after it
  std::atomic<bool> busy{false};
  std::shared_ptr<const Layout> layout;
  const backend_run* run = nullptr;
  bool cancelled = false;  // nobody wants the answer any more; guarded by the session's lock
  backend_timings timings{};
  std::chrono::steady_clock::time_point begun;
  std::vector<Copy> copies_in;
  std::vector<Copy> copies_out;
  std::vector<std::unique_ptr<DynamicBuffer>> dynamic;  // by output; null where shapes are known
  uint64_t memory_stamp = 0;                            // changes when any address changes
  std::vector<uint64_t> warm;                           // layouts that have run here at least once

 private:
  struct Target {
    backend_tensor* wanted;
    size_t port;
    PinnedBlock* block;  // the memory of a pooled output
    const void* staged;  // null: the device writes into the caller's, or the block's, memory
    Dims dims;
    size_t bytes;
  };
  void require_room(const Target& target) const;
  void aim(Target& target, const void* device, size_t stage_offset);
  void merge_copies();
  char* host_memory() const noexcept;

  Device& device_;
  const IoTable& io_;
  DeviceMemory arena_;
  size_t arena_bytes_ = 0;
  PinnedBlock* stage_in_ = nullptr;
  PinnedBlock* stage_out_ = nullptr;
  std::unique_ptr<char[]> host_;  // tensors that TensorRT reads and writes on the host
  size_t host_bytes_ = 0;
  std::vector<Target> targets_;
  bool all_staged_ = false;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_SLOT_H_
