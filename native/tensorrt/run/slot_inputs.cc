// SPDX-License-Identifier: Apache-2.0
// How a slot takes the inputs of a run.
#include <cstring>

#include "slot.h"

namespace trt::run {

// Its own memory is the copy's source: as it is only where no rows are to be added to it.
bool Slot::is_in_place(const backend_tensor& tensor) const noexcept {
  return tensor.memory == BACKEND_PAGE_LOCKED && padding == Padding::kNone;
}

void Slot::take_inputs(const Request& request) {
  copies_in.clear();
  fills_.clear();
  pieces.clear();
  all_staged_ = true;
  size_t staged = 0;
  for (size_t i = 0; i < layout->inputs.size(); ++i) {
    const Place& place = layout->inputs[i];
    if (!place.on_host && !is_in_place(request.input(i))) staged += place.bytes;
  }
  const bool in_pieces = staged > kLargestWhole;
  for (size_t i = 0; i < layout->inputs.size(); ++i) take_input(i, request.input(i), in_pieces);
  if (in_pieces) ring.open();
  if (all_staged_ && copies_in.size() > 1) {  // they lie in the staging memory as they do on the device: one copy
    const auto* first = static_cast<const char*>(copies_in.front().from);
    const Copy& last = copies_in.back();
    const auto span = static_cast<size_t>(static_cast<const char*>(last.from) - first) + last.bytes;
    copies_in = {{copies_in.front().to, first, span}};
  }
}

void Slot::take_input(size_t port, const backend_tensor& tensor, bool in_pieces) {
  const Place& place = layout->inputs[port];
  if (place.bytes == 0) return;
  auto* const device = static_cast<char*>(input_address(port));
  Fill fill{nullptr, device, static_cast<const char*>(tensor.data), asked->inputs[port].bytes, place.bytes};
  if (place.on_host) {
    fill.to = device;
    fills_.push_back(fill);
    return;
  }
  if (is_in_place(tensor)) {
    all_staged_ = false;
    copies_in.push_back({device, tensor.data, place.bytes});
    return;
  }
  ++timings.copies;
  if (in_pieces) {
    all_staged_ = false;
    pieces.push_back(fill);
    return;
  }
  grow_block(stage_in_, device_.pinned(), layout->input_bytes);
  fill.to = static_cast<char*>(stage_in_->data) + place.offset;
  fills_.push_back(fill);
  copies_in.push_back({device, fill.to, place.bytes});
}

void Slot::stage_inputs() {
  const auto begin = std::chrono::steady_clock::now();
  for (const Fill& fill : fills_) fill.write(fill.to, 0, fill.bytes);
  timings.copy_in_ns = timings.copies > 0 ? nanoseconds_since(begin) : 0;
}

}  // namespace trt::run
