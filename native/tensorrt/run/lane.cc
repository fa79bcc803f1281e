// SPDX-License-Identifier: Apache-2.0
#include "lane.h"

#include <algorithm>

#include "error.h"

namespace trt::run {
namespace {

using trtn::Error;

constexpr size_t kMostHomes = 4096;  // forgotten together

}  // namespace

Lane::Lane(const Shared& shared, int32_t index)
    : model_(shared.model),
      settings_(shared.settings),
      layouts_(shared.layouts),
      statistics_(shared.statistics),
      log_(shared.log),
      device_(shared.model.device()),
      cuda_(device_.cuda()),
      index_(index),
      request_(shared.model.io()),
      contexts_(static_cast<size_t>(std::max(1, shared.model.io().profiles()))),
      graphs_(static_cast<size_t>(shared.settings.graphCapacity)),
      streams_weights_(shared.model.streams_weights()) {
  computed_ = make_event(cuda_, cuda::kEventDisableTiming);
  for (int64_t i = 0; i < settings_.slots; ++i) {
    slots_.push_back(std::make_unique<Slot>(device_, model_.io(), settings_, i));
  }
  free_.store(settings_.slots, std::memory_order_release);
  (void)bound(0);
}

Lane::~Lane() {
  drain();
  const std::lock_guard<std::mutex> lock(model_.mutex());
  graphs_.clear();
  for (Bound& each : contexts_) {
    if (each.context != nullptr) --model_.contexts;
  }
  contexts_.clear();
}

void Lane::free(Slot& slot) noexcept {
  slot.busy.store(false, std::memory_order_release);
  free_.fetch_add(1, std::memory_order_acq_rel);
}

// 0: the run brings no page-locked memory, and all slots suit it alike.
uint64_t Lane::addresses(const Layout& layout) const {
  const backend_run& run = request_.run();
  uint64_t hash = 0;
  const auto add = [&](const backend_tensor& tensor) {
    if (tensor.memory != BACKEND_PAGE_LOCKED) return;
    const uint64_t words[] = {hash, layout.id, reinterpret_cast<uint64_t>(tensor.data)};
    hash = hash_words(words, 3);
  };
  for (uint32_t i = 0; i < run.input_count; ++i) add(run.inputs[i]);
  for (uint32_t i = 0; i < run.output_count; ++i) add(run.outputs[i]);
  return hash;
}

// The next free slot in turn; for addresses that came before, the one that met them, which may have a graph for them.
Slot& Lane::pick(const Layout& layout) {
  const uint64_t met = addresses(layout);
  const auto home = met == 0 ? homes_.end() : homes_.find(met);
  const size_t first = home == homes_.end() ? turn_ : home->second;
  for (size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[(first + i) % slots_.size()];
    if (slot.busy.load(std::memory_order_acquire)) continue;
    turn_ = static_cast<size_t>(slot.index) + 1;
    if (home == homes_.end() && met != 0) {
      if (homes_.size() >= kMostHomes) homes_.clear();
      homes_.emplace(met, static_cast<size_t>(slot.index));
    }
    return slot;
  }
  throw Error(BACKEND_INTERNAL, "A run was started on a lane without a free slot.");
}

Slot& Lane::start(const backend_run& run) {
  request_.read(run);
  const std::shared_ptr<const Layout> layout = resolve();
  (void)bound(layout->profile);
  Slot* chosen = &pick(*layout);
  const std::shared_ptr<const Layout> wanted = settings_.padToGraph ? choose_padding(chosen, layout) : layout;
  Slot& slot = *chosen;
  slot.busy.store(true, std::memory_order_relaxed);
  free_.fetch_sub(1, std::memory_order_acq_rel);
  slot.timings = {};
  try {
    place(slot, layout, wanted);
    slot.stage_inputs();
    slot.begun = std::chrono::steady_clock::now();
    launch(slot);
  } catch (...) {
    settle(slot);
    slot.abandon();
    free(slot);
    throw;
  }
  return slot;
}

// `wanted`: the shapes to run with; what was asked for, or a larger batch.
void Lane::place(Slot& slot, const std::shared_ptr<const Layout>& asked, const std::shared_ptr<const Layout>& wanted) {
  if (wanted != asked && place_padded(slot, asked, wanted)) return;
  if (slot.prepare(asked)) graphs_.forget_slot(slot.index);
  slot.take_inputs(request_);
  slot.take_outputs(request_);
}

// What the run has put on the device so far may still be reading and writing the caller's memory.
void Lane::settle(Slot& slot) noexcept {
  std::string ignored;  // the first failure is the one to tell
  (void)device_.note(cuda_.StreamSynchronize(slot.stream.get()), "cudaStreamSynchronize", ignored);
  for (Bound& each : contexts_) each.layout = 0;
}

void Lane::drain() noexcept {
  for (const auto& slot : slots_) settle(*slot);
}

void Lane::reset() {
  drain();
  const std::lock_guard<std::mutex> lock(model_.mutex());
  graphs_.clear();
  uncapturable_.clear();
  seen_.clear();
  for (const auto& slot : slots_) slot->warm.clear();
  for (Bound& each : contexts_) {
    if (each.context != nullptr) --model_.contexts;
    each = Bound();
  }
  scratch_.reset();
  scratch_bytes_ = 0;
  streams_weights_ = model_.streams_weights();
}

void Lane::launch(Slot& slot) {
  const Stream stream = slot.stream.get();
  const bool capturable = may_capture(slot);
  if (const CudaGraphExec known = capturable && slot.may_be_whole() ? find_graph(slot, Kind::kWhole) : nullptr) {
    launch_graph(known, slot);
    Statistics::add(statistics_.whole_graphs);
    call(cuda_.EventRecord(slot.done.get(), stream), "cudaEventRecord");
    return;
  }
  if (slot.marks[0]) call(cuda_.EventRecord(slot.marks[0].get(), stream), "cudaEventRecord");
  copy(slot.copies_in, cuda::kHostToDevice, slot);
  if (!slot.pieces.empty()) copy_in_pieces(slot);
  wait_for_others(slot);
  if (slot.marks[1]) call(cuda_.EventRecord(slot.marks[1].get(), stream), "cudaEventRecord");
  // What is to be captured as a whole must be enqueued once more, not launched as a part.
  const bool whole = capturable && addresses_recur(slot) && has_room(slot);
  const bool enqueued = compute(slot, capturable && !whole ? find_graph(slot, Kind::kCompute) : nullptr);
  if (slots_.size() > 1) call(cuda_.EventRecord(computed_.get(), stream), "cudaEventRecord");
  if (slot.marks[2]) call(cuda_.EventRecord(slot.marks[2].get(), stream), "cudaEventRecord");
  if (slot.layout->any_dynamic) slot.take_dynamic_outputs();
  copy(slot.copies_out, cuda::kDeviceToHost, slot);
  call(cuda_.EventRecord(slot.done.get(), stream), "cudaEventRecord");
  if (capturable && enqueued) capture_for_next(slot, whole);
}

// @returns whether TensorRT itself has enqueued it
bool Lane::compute(Slot& slot, CudaGraphExec graph) {
  if (graph == nullptr) {
    enqueue(slot);
    Statistics::add(statistics_.plain);
    return true;
  }
  launch_graph(graph, slot);
  Statistics::add(statistics_.compute_graphs);
  return false;
}

void Lane::copy(const std::vector<Copy>& copies, int kind, const Slot& slot) {
  for (const Copy& each : copies) {
    call(cuda_.MemcpyAsync(each.to, each.from, each.bytes, kind, slot.stream.get()), "cudaMemcpyAsync");
  }
}

// The host copies a piece while the device takes the one before it.
void Lane::copy_in_pieces(Slot& slot) {
  const auto begin = std::chrono::steady_clock::now();
  size_t piece = 0;
  for (const Fill& fill : slot.pieces) {
    for (size_t at = 0; at < fill.bytes; at += kPiece, ++piece) {
      if (piece >= kPieces) call(cuda_.EventSynchronize(slot.ring.taken(piece)), "cudaEventSynchronize");
      char* const staged = slot.ring.memory(piece);
      const size_t bytes = std::min(kPiece, fill.bytes - at);
      fill.write(staged, at, bytes);
      copy({{fill.device + at, staged, bytes}}, cuda::kHostToDevice, slot);
      call(cuda_.EventRecord(slot.ring.taken(piece), slot.stream.get()), "cudaEventRecord");
    }
  }
  if (slot.marks[0]) return;  // the device tells these times
  slot.timings.copy_in_ns += nanoseconds_since(begin);
  slot.begun = std::chrono::steady_clock::now();
}

// Contexts of a lane compute one after another.
void Lane::wait_for_others(const Slot& slot) {
  const bool alone = free_.load(std::memory_order_acquire) + 1 == static_cast<int>(slots_.size());
  if (alone) return;
  call(cuda_.StreamWaitEvent(slot.stream.get(), computed_.get(), 0), "cudaStreamWaitEvent");
}

void Lane::enqueue(Slot& slot) {
  Bound& entry = bound(slot.layout->profile);
  bind(entry, slot);
  log_.forgetErrors();
  if (!entry.context->enqueue(slot.stream.get())) {
    device_.fail_call(BACKEND_DEVICE, "TensorRT could not execute: " + log_.why("it gave no reason."));
  }
  const uint64_t id = slot.layout->id;
  if (std::find(slot.warm.begin(), slot.warm.end(), id) == slot.warm.end()) slot.warm.push_back(id);
}

void Lane::launch_graph(CudaGraphExec exec, const Slot& slot) {
  call(cuda_.GraphLaunch(exec, slot.stream.get()), "cudaGraphLaunch");
}

}  // namespace trt::run
