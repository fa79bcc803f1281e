// SPDX-License-Identifier: Apache-2.0
// One lane: execution contexts (one for each profile) and the slots that take turns on them. Computing happens in the order
// of submission, because contexts of one lane share memory; copies of one run overlap the computing of another.
//
// A stream for each slot, instead of three for the lane, needs two event calls a run less: within a slot, order is the
// stream's; between slots, only computing is ordered, by the event `computed_`.
#ifndef TENSORRT_NODE_RUN_LANE_H_
#define TENSORRT_NODE_RUN_LANE_H_

#include <atomic>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "dynamic_output.h"
#include "graph_cache.h"
#include "layout.h"
#include "model.h"
#include "request.h"
#include "settings.h"
#include "slot.h"
#include "statistics.h"

namespace trt::run {

// What the lanes of a session share. Used by the one thread that submits.
struct Shared {
  Model& model;
  const SessionSettings& settings;
  LayoutCache& layouts;
  Statistics& statistics;
  JobLog& log;
};

class Lane {
 public:
  // Makes the context of profile 0, so that what is wrong shows when the session is created.
  Lane(const Shared& shared, int32_t index);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  int32_t index() const { return index_; }

  // ---- One thread at a time: whoever holds the session's submission lock. CUDA's device is set. ----
  // Puts the run on the device, on a free slot; it will be finished when the slot's `done` has happened.
  // @throws Error: nothing of it is on the device any more, and the slot is free again
  Slot& start(const backend_run& run);
  // Waits until nothing of this lane is on the device, then forgets contexts, graphs and memory.
  void reset();

  // ---- Any thread ----
  size_t graphs() const noexcept { return graphs_.size(); }
  int free_slots() const noexcept { return free_.load(std::memory_order_acquire); }
  void free(Slot& slot) noexcept;

 private:
  struct Bound {  // a context, and what it was told last
    std::vector<std::unique_ptr<DynamicOutput>>
        dynamic;  // by output; null where shapes are known. Outlives the context
    std::unique_ptr<Context> context;
    uint64_t layout = 0;
    uint64_t memory = 0;  // the slot's stamp
  };
  enum class Kind : int64_t { kCompute = 0, kWhole = 1 };

  Bound& bound(int32_t profile);
  std::unique_ptr<Context> make_context(int32_t profile);
  std::shared_ptr<const Layout> resolve();
  void tell_shapes(Bound& to);
  std::shared_ptr<const Layout> make_layout(int32_t profile, Bound& from);
  void place_outputs(Layout& layout, const Context& from);
  void set_dynamic(Bound& to, size_t output, bool dynamic);
  void bind(Bound& to, const Slot& slot);
  void own_scratch(Bound& to);

  void launch(Slot& slot);
  bool compute(Slot& slot, CudaGraphExec graph);
  bool may_capture(const Slot& slot);
  CudaGraphExec find_graph(const Slot& slot, Kind kind);
  const GraphKey& key_of(const Slot& slot, Kind kind);
  bool addresses_recur(const Slot& slot);
  bool has_room(const Slot& slot);
  void capture_for_next(Slot& slot, bool whole);
  void capture_whole(Slot& slot);
  template <typename Body>
  void capture(Slot& slot, Kind kind, Body&& body);
  void enqueue(Slot& slot);
  void copy(const std::vector<Copy>& copies, int kind, const Slot& slot);
  void wait_for_others(const Slot& slot);
  void launch_graph(CudaGraphExec exec, const Slot& slot);
  Slot& pick(const Layout& layout);
  void place(Slot& slot, const std::shared_ptr<const Layout>& asked, const std::shared_ptr<const Layout>& wanted);
  std::shared_ptr<const Layout> choose_padding(Slot*& slot, const std::shared_ptr<const Layout>& asked);
  bool place_padded(Slot& slot, const std::shared_ptr<const Layout>& asked,
                    const std::shared_ptr<const Layout>& larger);
  void copy_in_pieces(Slot& slot);
  uint64_t addresses(const Layout& layout) const;
  void settle(Slot& slot) noexcept;
  void drain() noexcept;

  // Counts and checks a call on the hot path.
  void call(int code, const char* name) {
    Statistics::add(statistics_.calls);
    device_.check(code, name);
  }

  Model& model_;
  const SessionSettings& settings_;
  LayoutCache& layouts_;
  Statistics& statistics_;
  JobLog& log_;
  Device& device_;
  const Cuda& cuda_;
  const int32_t index_;
  Request request_;
  DeviceMemory scratch_;  // of contexts whose memory we manage
  size_t scratch_bytes_ = 0;
  std::vector<Bound> contexts_;  // by profile
  OwnedEvent computed_;          // the latest run of this lane has computed
  std::vector<std::unique_ptr<Slot>> slots_;
  std::atomic<int> free_{0};
  GraphCache graphs_;
  GraphKey key_;                     // scratch
  std::set<uint64_t> uncapturable_;  // layouts
  std::set<uint64_t> seen_;          // hashes of whole-graph keys that came once
  bool streams_weights_ = false;
  std::unordered_map<uint64_t, size_t> homes_;  // by addresses of page-locked memory: the slot that met them last
  size_t turn_ = 0;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_LANE_H_
