// SPDX-License-Identifier: Apache-2.0
#include "slot.h"

#include <algorithm>
#include <cstring>

#include "error.h"

namespace trt::run {
namespace {

using trtn::Error;

// Up to here an output that the backend provides is copied out of the slot's own memory: a copy costs less than what a
// changing address does, which is a graph of its own, or copies beside the graph.
constexpr size_t kLargestStagedPooled = 16 << 10;

uint64_t next_stamp() noexcept {
  static std::atomic<uint64_t> stamp{0};
  return ++stamp;
}

}  // namespace

uint64_t nanoseconds_since(std::chrono::steady_clock::time_point begin) noexcept {
  const auto spent = std::chrono::steady_clock::now() - begin;
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count());
}

Slot::Slot(Device& device, const IoTable& io, const SessionSettings& settings, int64_t slot)
    : index(slot), ring(device), device_(device), io_(io) {
  stream = make_stream(device.cuda(), settings.streamPriority);
  // The waiting thread sleeps, unless it polls anyway.
  const unsigned blocking = settings.spinWait ? 0 : cuda::kEventBlockingSync;
  done = make_event(device.cuda(), settings.timings ? blocking : blocking | cuda::kEventDisableTiming);
  if (settings.timings) {
    for (OwnedEvent& mark : marks) mark = make_event(device.cuda(), 0);
  }
  dynamic.resize(io.outputs().size());
}

Slot::~Slot() {
  if (stage_in_ != nullptr) device_.pinned().give(stage_in_);
  if (stage_out_ != nullptr) device_.pinned().give(stage_out_);
}

char* Slot::host_memory() const noexcept {
  const auto address = reinterpret_cast<uintptr_t>(host_.get());
  return reinterpret_cast<char*>(aligned(address));
}

bool Slot::prepare(std::shared_ptr<const Layout> wanted) {
  layout = asked = std::move(wanted);
  padding = Padding::kNone;
  bool moved = false;
  const size_t bytes = std::max(layout->device_bytes(), kAlignment);  // an address even where there is nothing to read
  if (bytes > arena_bytes_) {
    arena_.reset();
    arena_bytes_ = 0;
    const size_t rounded = size_class(bytes);
    void* memory = nullptr;
    device_.check(device_.cuda().Malloc(&memory, rounded), "cudaMalloc");
    arena_ = DeviceMemory(device_.cuda(), memory);
    arena_bytes_ = rounded;
    moved = true;
  }
  if (layout->host_bytes > host_bytes_) {
    host_ = std::make_unique<char[]>(layout->host_bytes + kAlignment);
    host_bytes_ = layout->host_bytes;
    moved = true;
  }
  for (size_t i = 0; i < layout->outputs.size(); ++i) {
    if (layout->outputs[i].dynamic && dynamic[i] == nullptr) dynamic[i] = std::make_unique<DynamicBuffer>(device_);
  }
  if (moved) {
    memory_stamp = next_stamp();
    warm.clear();
  }
  return moved;
}

void Slot::pad(std::shared_ptr<const Layout> fewer, Padding how) {
  asked = std::move(fewer);
  padding = how;
}

void* Slot::input_address(size_t port) const {
  const Place& place = layout->inputs[port];
  return (place.on_host ? host_memory() : static_cast<char*>(arena_.get())) + place.offset;
}

void* Slot::output_address(size_t port) const {
  const Place& place = layout->outputs[port];
  if (place.dynamic) return dynamic[port]->data();
  if (place.on_host) return host_memory() + place.offset;
  return static_cast<char*>(arena_.get()) + layout->input_bytes + place.offset;
}

// The caller's buffer must hold the output, and be meant for this shape if it says one.
void Slot::require_room(const Target& target) const {
  const backend_tensor& wanted = *target.wanted;
  if (wanted.memory == BACKEND_POOLED) return;
  const Dims& dims = target.dims;
  const bool other =
      wanted.rank >= 0 && (wanted.rank != dims.rank || !std::equal(dims.d, dims.d + dims.rank, wanted.dims));
  if (target.bytes <= wanted.bytes && !other) return;
  throw Error(BACKEND_SHAPE, "The buffer for the output '" + io_.outputs()[target.port].name + "' holds " +
                                 std::to_string(wanted.bytes) + " bytes; the output has the shape " + shape_text(dims) +
                                 " and needs " + std::to_string(target.bytes) + ".");
}

// `device`: where the output will be. `stage_offset`: where in the staging memory, should it go through it. `copied`: what
// a copy through it takes, which is more than the output's own bytes where a graph has rows that nobody asked for.
void Slot::aim(Target& target, const void* device, size_t stage_offset, size_t copied) {
  backend_tensor& wanted = *target.wanted;
  require_room(target);
  const bool may_be_direct = padding != Padding::kWhole;
  void* direct = wanted.memory == BACKEND_PAGE_LOCKED && may_be_direct ? wanted.data : nullptr;
  if (wanted.memory == BACKEND_POOLED) {
    target.block = device_.pinned().take(target.bytes);
    if (target.bytes > kLargestStagedPooled && may_be_direct) direct = target.block->data;
  }
  if (target.bytes == 0) return;
  if (direct != nullptr) all_staged_ = false;
  // Whole at once: earlier outputs point into it.
  if (direct == nullptr)
    grow_block(stage_out_, device_.pinned(), std::max(layout->output_bytes, stage_offset + copied));
  char* const to = direct != nullptr ? static_cast<char*>(direct) : static_cast<char*>(stage_out_->data) + stage_offset;
  target.staged = direct != nullptr ? nullptr : to;
  copies_out.push_back({to, device, direct != nullptr ? target.bytes : copied});
}

void Slot::take_outputs(const Request& request) {
  run = &request.run();
  copies_out.clear();
  targets_.clear();
  targets_.reserve(run->output_count);
  for (uint32_t i = 0; i < run->output_count; ++i) run->outputs[i].pooled = nullptr;
  for (uint32_t i = 0; i < run->output_count; ++i) {
    backend_tensor& wanted = run->outputs[i];
    const Place& place = layout->outputs[wanted.index];
    const Place& answer = asked->outputs[wanted.index];
    targets_.push_back({&wanted, wanted.index, nullptr, nullptr, answer.dims, answer.bytes});
    Target& target = targets_.back();
    if (place.dynamic) continue;
    if (!place.on_host) {
      const bool all_rows = padding == Padding::kWhole;
      aim(target, output_address(wanted.index), place.offset, all_rows ? place.bytes : answer.bytes);
      continue;
    }
    require_room(target);
    if (wanted.memory == BACKEND_POOLED) target.block = device_.pinned().take(target.bytes);
    target.staged = output_address(wanted.index);
  }
  merge_copies();
}

// All outputs through the staging memory, where they lie as on the device: one copy.
void Slot::merge_copies() {
  if (!all_staged_ || copies_out.size() < 2 || copies_out.size() != io_.outputs().size()) return;
  if (padding == Padding::kCompute) return;  // rows between them are nobody's
  const auto before = [](const Copy& a, const Copy& b) { return a.from < b.from; };
  const auto [first, last] = std::minmax_element(copies_out.begin(), copies_out.end(), before);
  const auto span =
      static_cast<size_t>(static_cast<const char*>(last->from) - static_cast<const char*>(first->from)) + last->bytes;
  const Copy merged{first->to, first->from, span};
  copies_out = {merged};
}

void Slot::take_dynamic_outputs() {
  size_t staged = 0;
  for (Target& target : targets_) {
    if (!layout->outputs[target.port].dynamic) continue;
    const Port& port = io_.outputs()[target.port];
    target.dims = dynamic[target.port]->dims;
    if (target.dims.rank < 0 || !bytes_of(port, target.dims.d, target.dims.rank, target.bytes)) {
      throw Error(BACKEND_DEVICE, "TensorRT did not tell the shape of the output '" + port.name + "'.");
    }
    staged += aligned(target.bytes);
  }
  // Copies that are listed already point into the staging memory: what is added comes behind it.
  const size_t known = layout->output_bytes;
  if (staged > 0 && (stage_out_ == nullptr || stage_out_->capacity < known + staged)) {
    PinnedBlock* const before = stage_out_;
    PinnedBlock* const larger = device_.pinned().take(known + staged);
    const char* const old = before == nullptr ? nullptr : static_cast<char*>(before->data);
    const auto move = [&](const void* at) {
      return static_cast<char*>(larger->data) + (static_cast<const char*>(at) - old);
    };
    const auto is_old = [&](const void* at) { return old != nullptr && at >= old && at < old + before->capacity; };
    for (Copy& copy : copies_out) {
      if (is_old(copy.to)) copy.to = move(copy.to);
    }
    for (Target& target : targets_) {
      if (is_old(target.staged)) target.staged = move(target.staged);
    }
    if (before != nullptr) device_.pinned().give(before);
    stage_out_ = larger;
  }
  size_t at = known;
  for (Target& target : targets_) {
    if (!layout->outputs[target.port].dynamic) continue;
    aim(target, dynamic[target.port]->data(), at, target.bytes);
    at += aligned(target.bytes);
  }
}

void Slot::write_key(GraphKey& key, int64_t kind) const {
  key.clear();
  key.push_back(index);
  key.push_back(kind);
  key.push_back(static_cast<int64_t>(layout->id));
  if (kind == 0) return;
  key.push_back(static_cast<int64_t>(device_.pinned().epoch()));
  for (const Copy& copy : copies_in) key.push_back(reinterpret_cast<int64_t>(copy.from));
  for (const Copy& copy : copies_out) {
    key.push_back(reinterpret_cast<int64_t>(copy.from));
    key.push_back(reinterpret_cast<int64_t>(copy.to));
  }
}

void Slot::collect() {
  const auto begin = std::chrono::steady_clock::now();
  const uint32_t copies = timings.copies;
  for (Target& target : targets_) {
    backend_tensor& wanted = *target.wanted;
    void* const data = target.block != nullptr ? target.block->data : wanted.data;
    if (target.staged != nullptr && target.bytes > 0) {
      std::memcpy(data, target.staged, target.bytes);
      ++timings.copies;
    }
    wanted.rank = target.dims.rank;
    std::copy(target.dims.d, target.dims.d + std::max(target.dims.rank, 0), wanted.dims);
    wanted.bytes = target.bytes;
    wanted.data = data;
    wanted.pooled = target.block;
  }
  targets_.clear();
  if (timings.copies > copies) timings.copy_out_ns += nanoseconds_since(begin);
}

void Slot::abandon() noexcept {
  for (const Target& target : targets_) {
    if (target.block != nullptr) device_.pinned().give(target.block);
    target.wanted->pooled = nullptr;
  }
  targets_.clear();
}

}  // namespace trt::run
