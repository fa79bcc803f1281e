// SPDX-License-Identifier: Apache-2.0
// Inputs in ordinary memory, on their way to the device through page-locked memory.
//
// Up to kLargestWhole bytes a run are copied there as a whole, then to the device: addresses and sizes stay the same from
// run to run, so that a graph can hold the copy. More goes in pieces: while the device takes one, the host copies the next,
// through page-locked memory for kPieces of them, whatever the inputs' size.
#ifndef TENSORRT_NODE_RUN_STAGING_H_
#define TENSORRT_NODE_RUN_STAGING_H_

#include <array>
#include <cstddef>

#include "device.h"

namespace trt::run {

// At 12 GB/s a piece takes 170 µs, and the calls that it costs some 5 µs.
constexpr size_t kPiece = size_t{2} << 20;
constexpr size_t kPieces = 4;
constexpr size_t kLargestWhole = 2 * kPiece;

// One input: the caller's bytes, then zeros where the run has more rows than the caller gave.
struct Fill {
  char* to;  // in our memory on the host; null: it goes in pieces
  char* device;
  const char* from;
  size_t given;
  size_t bytes;

  // [at, at + count) of it.
  void write(char* place, size_t at, size_t count) const noexcept;
};

// The page-locked memory of a slot for pieces, made when it is first needed.
class StageRing {
 public:
  explicit StageRing(Device& device) : device_(device) {}
  ~StageRing();
  StageRing(const StageRing&) = delete;
  StageRing& operator=(const StageRing&) = delete;

  // @throws Error: no memory
  void open();
  char* memory(size_t piece) const noexcept { return static_cast<char*>(block_->data) + piece % kPieces * kPiece; }
  // Recorded when the device has taken the piece; from then on its memory is the host's again.
  Event taken(size_t piece) const noexcept { return taken_[piece % kPieces].get(); }

 private:
  Device& device_;
  PinnedBlock* block_ = nullptr;
  std::array<OwnedEvent, kPieces> taken_;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_STAGING_H_
