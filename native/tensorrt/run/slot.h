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
#include "staging.h"

namespace trt::run {

uint64_t nanoseconds_since(std::chrono::steady_clock::time_point begin) noexcept;

struct Copy {
  void* to;
  const void* from;
  size_t bytes;
};

// Whether a run has more rows than it was given, and how it comes to the graph of that larger batch.
enum class Padding {
  kNone,
  kCompute,  // the graph computes only: copies beside it leave out the outputs' rows that nobody asked for
  kWhole     // the graph copies, too: all rows, through the slot's own memory
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
  // The run that was prepared is to answer for fewer rows, those of `asked`.
  void pad(std::shared_ptr<const Layout> asked, Padding padding);
  // Lists what is to be copied on the host, and from there to the device. Reads nothing of the caller's memory yet.
  void take_inputs(const Request& request);
  // Copies on the host what take_inputs() has listed, but for what goes in pieces.
  void stage_inputs();
  // Decides where outputs go, and lists the copies from the device.
  void take_outputs(const Request& request);
  // Those whose shape TensorRT has just told.
  void take_dynamic_outputs();
  void* input_address(size_t index) const;
  void* output_address(size_t index) const;
  // Whether the run's addresses are the slot's own, so that the next run of this layout will have the same.
  bool all_staged() const noexcept { return all_staged_; }
  // Whether a graph may hold the copies of this run, too.
  bool may_be_whole() const noexcept { return padding != Padding::kCompute && pieces.empty(); }
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
  std::shared_ptr<const Layout> layout;  // what runs
  std::shared_ptr<const Layout> asked;   // what was asked for: the same, or fewer rows
  Padding padding = Padding::kNone;
  const backend_run* run = nullptr;
  bool cancelled = false;  // nobody wants the answer any more; guarded by the session's lock
  backend_timings timings{};
  std::chrono::steady_clock::time_point begun;
  std::vector<Copy> copies_in;
  std::vector<Copy> copies_out;
  std::vector<Fill> pieces;  // inputs that go in pieces
  StageRing ring;
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
  void take_input(size_t port, const backend_tensor& tensor, bool in_pieces);
  bool is_in_place(const backend_tensor& tensor) const noexcept;
  void aim(Target& target, const void* device, size_t stage_offset, size_t copied);
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
  std::vector<Fill> fills_;
  bool all_staged_ = false;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_SLOT_H_
