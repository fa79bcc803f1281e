// SPDX-License-Identifier: Apache-2.0
// CUDA graphs of a lane. There are two kinds. A *compute* graph is what TensorRT enqueues, with the slot's own memory. A
// *whole* graph has the copies, too, and so also the addresses on the host: one launch is all that a run takes. A slot's
// second run of the same shapes is captured; as a whole where every address is the slot's own, or has come before.
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

CudaGraphExec Lane::whole_graph(Slot& slot) {
  if (settings_.timings) {
    statistics_.fell_back(Fallback::kTimings);
    return nullptr;
  }
  // Between slots, computing is ordered by an event that is part of the graph.
  const bool ordered = slots_.size() > 1;
  if (ordered && cuda_.EventRecordWithFlags == nullptr) return nullptr;
  slot.write_key(key_, static_cast<int64_t>(Kind::kWhole));
  if (const CudaGraphExec known = graphs_.find(key_)) return known;
  if (!slot.all_staged()) {
    if (seen_.size() >= kMostSeen) seen_.clear();
    if (seen_.insert(hash_words(key_.data(), key_.size())).second) return nullptr;  // may be the only time
  }
  return capture(slot, [&] {
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

CudaGraphExec Lane::compute_graph(Slot& slot) {
  slot.write_key(key_, static_cast<int64_t>(Kind::kCompute));
  if (const CudaGraphExec known = graphs_.find(key_)) return known;
  return capture(slot, [&] { enqueue(slot); });
}

// Captures what `body` puts into the slot's stream, under key_. Nothing of it runs yet. Null: it could not be; CUDA has
// forgotten the error, unless the device is lost.
template <typename Body>
CudaGraphExec Lane::capture(Slot& slot, Body&& body) {
  const Stream stream = slot.stream.get();
  const auto busy = [&](int64_t index) {
    const Slot& other = *slots_[static_cast<size_t>(index)];
    return index != slot.index && other.busy.load(std::memory_order_acquire);
  };
  if (!bound(slot.layout->profile).context->streamCapturable(stream)) {
    statistics_.fell_back(Fallback::kNotCapturable);
    return nullptr;
  }
  if (!graphs_.make_room(busy)) {
    statistics_.fell_back(Fallback::kFull);
    return nullptr;
  }
  const GraphKey key = key_;
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
    graphs_.add(key, OwnedGraphExec(cuda_, exec));
    Statistics::add(statistics_.captures);
    return exec;
  } catch (const std::exception& error) {
    if (begun && cuda_.StreamEndCapture(stream, &graph) == cuda::kSuccess) OwnedGraph(cuda_, graph).reset();
    cuda_.clear();
    device_.require_usable();
    uncapturable_.insert(slot.layout->id);
    bound(slot.layout->profile).layout = 0;
    statistics_.fell_back(Fallback::kCaptureFailed);
    statistics_.set_failure(error.what());
    return nullptr;
  }
}

}  // namespace trt::run
