// SPDX-License-Identifier: Apache-2.0
// CUDA graphs of a lane. There are two kinds. A *compute* graph is what TensorRT enqueues, with the slot's own memory. A
// *whole* graph has the copies, too, and so also the addresses on the host: one launch is all that a run takes.
// A slot's second run of the same shapes is captured, right after it was enqueued for good: TensorRT puts off work from
// a change of shapes to the next enqueue, and no graph may hold that. Capturing executes nothing.
#include <algorithm>

#include "lane.h"

namespace trt::run {
namespace {

constexpr size_t kMostSeen = 1024;  // combinations of addresses that came once; forgotten together

}  // namespace

bool Lane::may_capture(const Slot& slot) {
  if (!settings_.cudaGraph) {
    statistics_.fell_back(Fallback::kOff);
    return false;
  }
  const uint64_t id = slot.layout->id;
  // The first run of these shapes must be an ordinary one: TensorRT does things then that no graph may hold.
  if (std::find(slot.warm.begin(), slot.warm.end(), id) == slot.warm.end()) return false;
  const auto refuse = [&](Fallback reason) {
    statistics_.fell_back(reason);
    return false;
  };
  if (slot.layout->any_dynamic) return refuse(Fallback::kDynamic);
  if (slot.layout->any_on_host) return refuse(Fallback::kOnHost);
  if (streams_weights_) return refuse(Fallback::kWeightStreaming);
  if (uncapturable_.count(id) > 0) return refuse(Fallback::kCaptureFailed);
  return true;
}

// Null: there is none yet.
CudaGraphExec Lane::find_graph(const Slot& slot, Kind kind) {
  slot.write_key(key_, static_cast<int64_t>(kind));
  return graphs_.find(key_);
}

// Whether the next run of this slot may well have the same addresses.
bool Lane::addresses_recur(const Slot& slot) {
  if (slot.padding != Padding::kNone || !slot.may_be_whole()) return false;
  if (settings_.timings) {
    statistics_.fell_back(Fallback::kTimings);
    return false;
  }
  // Between slots, computing is ordered by an event that is part of the graph.
  if (slots_.size() > 1 && cuda_.EventRecordWithFlags == nullptr) return false;
  if (slot.all_staged()) return true;
  slot.write_key(key_, static_cast<int64_t>(Kind::kWhole));
  if (seen_.size() >= kMostSeen) seen_.clear();
  return !seen_.insert(hash_words(key_.data(), key_.size())).second;
}

// Makes it, if it has to: by a graph that is used less, of a slot that is at rest.
bool Lane::has_room(const Slot& slot) {
  const auto busy = [&](int64_t index) {
    return index != slot.index && slots_[static_cast<size_t>(index)]->busy.load(std::memory_order_acquire);
  };
  if (graphs_.make_room(busy)) return true;
  statistics_.fell_back(Fallback::kFull);
  return false;
}

// TensorRT has just enqueued the run, and is ready to do the same into a graph.
void Lane::capture_for_next(Slot& slot, bool whole) {
  const Stream stream = slot.stream.get();
  if (!bound(slot.layout->profile).context->streamCapturable(stream)) {
    statistics_.fell_back(Fallback::kNotCapturable);
    return;
  }
  if (!whole && !has_room(slot)) return;
  // Nothing of the run may be under way while it is captured. Once for each graph.
  call(cuda_.StreamSynchronize(stream), "cudaStreamSynchronize");
  if (whole) {
    capture_whole(slot);
  } else {
    capture(slot, Kind::kCompute, [&] { enqueue(slot); });
  }
}

const GraphKey& Lane::key_of(const Slot& slot, Kind kind) {
  slot.write_key(key_, static_cast<int64_t>(kind));
  return key_;
}

void Lane::capture_whole(Slot& slot) {
  const bool ordered = slots_.size() > 1;
  capture(slot, Kind::kWhole, [&] {
    const Stream stream = slot.stream.get();
    copy(slot.copies_in, cuda::kHostToDevice, slot);
    if (ordered) call(cuda_.StreamWaitEvent(stream, computed_.get(), cuda::kEventExternal), "cudaStreamWaitEvent");
    enqueue(slot);
    if (ordered) {
      call(cuda_.EventRecordWithFlags(computed_.get(), stream, cuda::kEventExternal), "cudaEventRecordWithFlags");
    }
    copy(slot.copies_out, cuda::kDeviceToHost, slot);
  });
}

// Keeps what `body` puts into the slot's stream, for later. Where that fails, CUDA has forgotten the error afterwards.
// @throws Error: the device is lost
template <typename Body>
void Lane::capture(Slot& slot, Kind kind, Body&& body) {
  const Stream stream = slot.stream.get();
  const GraphKey key = key_of(slot, kind);
  CudaGraph graph = nullptr;
  bool begun = false;
  try {
    // This thread alone must keep off calls that a capture forbids; other threads go on.
    call(cuda_.StreamBeginCapture(stream, cuda::kCaptureThreadLocal), "cudaStreamBeginCapture");
    begun = true;
    body();
    begun = false;
    call(cuda_.StreamEndCapture(stream, &graph), "cudaStreamEndCapture");
    const OwnedGraph owned(cuda_, graph);
    CudaGraphExec exec = nullptr;
    call(cuda_.GraphInstantiateWithFlags(&exec, graph, 0), "cudaGraphInstantiateWithFlags");
    graphs_.add(key, OwnedGraphExec(cuda_, exec), slot.layout);
    Statistics::add(statistics_.captures);
  } catch (const std::exception& error) {
    if (begun && cuda_.StreamEndCapture(stream, &graph) == cuda::kSuccess) OwnedGraph(cuda_, graph).reset();
    cuda_.clear();
    device_.require_usable();
    uncapturable_.insert(slot.layout->id);
    bound(slot.layout->profile).layout = 0;
    statistics_.fell_back(Fallback::kCaptureFailed);
    statistics_.set_failure(error.what());
  }
}

}  // namespace trt::run
