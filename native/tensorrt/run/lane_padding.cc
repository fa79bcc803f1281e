// SPDX-License-Identifier: Apache-2.0
// Batches that run as larger ones, for which the lane has a graph.
#include "lane.h"
#include "padding.h"

namespace trt::run {

// The shapes to run with: those asked for, or the next larger batch that some free slot has a graph for. Beginning with
// `slot`, the first free one that has a graph for either takes the run.
std::shared_ptr<const Layout> Lane::choose_padding(Slot*& slot, const std::shared_ptr<const Layout>& asked) {
  const IoTable& io = model_.io();
  if (rows_of(io, *asked) == 0) return asked;
  const auto better = [&](const Layout& candidate, const Layout* best) {
    if (best != nullptr && rows_of(io, candidate) >= rows_of(io, *best)) return false;
    return uncapturable_.count(candidate.id) == 0 && pads(io, *asked, candidate);
  };
  const auto first = static_cast<size_t>(slot->index);
  for (size_t i = 0; i < slots_.size(); ++i) {
    Slot& other = *slots_[(first + i) % slots_.size()];
    if (other.busy.load(std::memory_order_acquire)) continue;
    const bool exact = graphs_.holds(other.index, *asked);
    const std::shared_ptr<const Layout> larger = exact ? asked : graphs_.best(other.index, better);
    if (larger == nullptr) continue;
    slot = &other;
    return larger;
  }
  return asked;
}

// False: none of the graphs of `larger` has the addresses that this run would have, and nothing has been done.
bool Lane::place_padded(Slot& slot, const std::shared_ptr<const Layout>& asked,
                        const std::shared_ptr<const Layout>& larger) {
  if (slot.prepare(larger)) graphs_.forget_slot(slot.index);
  const bool computes = find_graph(slot, Kind::kCompute) != nullptr;
  slot.pad(asked, computes ? Padding::kCompute : Padding::kWhole);
  slot.take_inputs(request_);
  slot.take_outputs(request_);
  if (!computes && (!slot.may_be_whole() || find_graph(slot, Kind::kWhole) == nullptr)) {
    slot.abandon();
    slot.timings.copies = 0;
    return false;
  }
  Statistics::add(statistics_.padded);
  Statistics::add(statistics_.padded_rows,
                  static_cast<uint64_t>(rows_of(model_.io(), *larger) - rows_of(model_.io(), *asked)));
  return true;
}

}  // namespace trt::run
