// SPDX-License-Identifier: Apache-2.0
#include "work.h"

#include <cstring>

#include "control.h"
#include "cuda_codes.h"
#include "memory.h"
#include "scheduler.h"

namespace sim {

uint64_t checksum(const void* data, size_t bytes) {
  const char* at = static_cast<const char*>(data);
  uint64_t sum = 0x9E3779B97F4A7C15ULL;
  for (; bytes >= 8; bytes -= 8, at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    sum = (sum ^ word) * 0x100000001B3ULL + (sum >> 29);
  }
  for (; bytes > 0; --bytes, ++at) sum = (sum ^ static_cast<unsigned char>(*at)) * 0x100000001B3ULL;
  return sum;
}

void CopyWork::watch() {
  watched_ = settings().watchInputs != 0;
  if (watched_) sum_ = checksum(range_.from, range_.bytes);
}

void CopyWork::keep() {
  const char* const from = static_cast<const char*>(range_.from);
  kept_.assign(from, from + range_.bytes);
  range_.from = kept_.data();
}

// The device's side may have been freed since the call.
void CopyWork::begin() {
  std::string why;
  code_ = kSuccess;
  const bool in = range_.kind == 1 || range_.kind == 3;
  const bool out = range_.kind == 2 || range_.kind == 3;
  if ((in && !onDevice(range_.to, range_.bytes, device_, why)) ||
      (out && !onDevice(range_.from, range_.bytes, device_, why))) {
    violation("illegalAddress", "a copy touched " + why);
    code_ = kIllegalAddress;
  }
}

int CopyWork::run() {
  if (code_ != kSuccess) return code_;
  if (watched_ && checksum(range_.from, range_.bytes) != sum_) {
    violation("hostChanged", "page-locked memory changed between the copy's call and its end");
  }
  std::memmove(range_.to, range_.from, range_.bytes);
  return kSuccess;
}

void SetWork::begin() {
  std::string why;
  code_ = kSuccess;
  if (!onDevice(memory_, bytes, device_, why)) {
    violation("illegalAddress", "a memset touched " + why);
    code_ = kIllegalAddress;
  }
}

int SetWork::run() {
  if (code_ == kSuccess) std::memset(memory_, value_, bytes);
  return code_;
}

// "Will not be called in the event of an error in the CUDA context": lose() clears the queue, so only this is left to do.
int HostWork::run() {
  if (gpu().devices[static_cast<size_t>(device_)].sticky == kSuccess) function_(user_);
  return kSuccess;
}

void FreeWork::begin() { (void)release(Place::kDevice, memory_); }

int outcome(Unit unit, int code) {
  if (code != kSuccess) return code;
  switch (unit) {
    case Unit::kCopyIn:
      return SIM_COUNT("async:copyIn");
    case Unit::kCompute:
      return SIM_COUNT("async:compute");
    case Unit::kCopyOut:
      return SIM_COUNT("async:copyOut");
    default:
      return kSuccess;
  }
}

int recordEvent(const StreamPtr& stream, const EventPtr& event) {
  event->capture = stream->capture;
  event->capturedIn = stream->capture ? stream.get() : nullptr;
  if (stream->capture) return stream->capture->invalid ? kCaptureInvalidated : kSuccess;
  enqueueRecord(stream, event);
  return kSuccess;
}

int give(const StreamPtr& stream, const WorkPtr& work) {
  if (const std::shared_ptr<Capture>& capture = stream->capture) {
    if (capture->invalid) return kCaptureInvalidated;
    capture->nodes.push_back(work);
    const auto fork = capture->forks.find(stream.get());
    if (fork != capture->forks.end()) fork->second = true;
    return kSuccess;
  }
  if (const EventPtr* const event = work->records()) {
    (*event)->capture = nullptr;
    enqueueRecord(stream, *event);
    return kSuccess;
  }
  if (const EventPtr* const event = work->waits()) {
    enqueueWait(stream, *event);
    return kSuccess;
  }
  enqueue(stream, work);
  // What ran at once may have lost the device; CUDA tells so at the next call, as it does for all that runs later.
  return kSuccess;
}

}  // namespace sim
