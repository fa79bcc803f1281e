// SPDX-License-Identifier: Apache-2.0
#include "bridge.h"

#include "cuda_entry.h"
#include "memory.h"
#include "work.h"

namespace sim {

namespace {

class Gate : public Bridge {
 public:
  Counter& counter(const char* name) override { return sim::counter(name); }
  Settings& settings() override { return sim::settings(); }
  std::atomic<int64_t>& live(const char* kind) override { return sim::live(kind); }
  void violation(const char* kind, const std::string& text) override { sim::violation(kind, text); }
  const char* textOf(int code) override { return sim::textOf(code); }
  uint64_t checksum(const void* data, size_t bytes) override { return sim::checksum(data, bytes); }
  int64_t latencyOf(Unit unit, size_t bytes) override { return sim::latencyOf(static_cast<int>(unit), bytes); }

  int device(int* current) override {
    *current = currentDevice();
    return enter(0);
  }

  // Not counted as calls of the product's.
  int allocate(void** memory, size_t bytes) override {
    if (const int code = enter(0)) return code;
    const Locked lock(gpu().lock);
    return sim::allocate(Place::kDevice, currentDevice(), bytes, memory);
  }

  void release(void* memory) override {
    Locked lock(gpu().lock);
    const Block* const block = find(memory);
    if (block != nullptr) waitDevice(lock, block->device);
    if (find(memory) != nullptr) (void)sim::release(Place::kDevice, memory);  // else: the device was reset
  }

  int launch(CUstream_st* handle, const WorkPtr& work) override {
    const Locked lock(gpu().lock);
    const StreamPtr stream = streamOf(handle);
    return stream ? give(stream, work) : static_cast<int>(kInvalidResourceHandle);
  }

  int record(CUevent_st* eventHandle, CUstream_st* streamHandle) override {
    const Locked lock(gpu().lock);
    const StreamPtr stream = streamOf(streamHandle);
    const EventPtr event = eventOf(eventHandle);
    return stream && event ? recordEvent(stream, event) : static_cast<int>(kInvalidResourceHandle);
  }

  bool capturing(CUstream_st* handle) override {
    const Locked lock(gpu().lock);
    const StreamPtr stream = streamOf(handle);
    return stream && stream->capture;
  }

  void breakCapture(CUstream_st* handle) override {
    const Locked lock(gpu().lock);
    const StreamPtr stream = streamOf(handle);
    if (stream && stream->capture) stream->capture->invalid = true;
  }

  int deviceOf(CUstream_st* handle) override {
    const Locked lock(gpu().lock);
    const StreamPtr stream = streamOf(handle);
    return stream ? stream->device : -1;
  }

  int synchronize(CUstream_st* handle) override {
    Locked lock(gpu().lock);
    const StreamPtr stream = streamOf(handle);
    if (!stream) return kInvalidResourceHandle;
    waitStream(lock, stream);
    return gpu().devices[static_cast<size_t>(stream->device)].sticky;
  }

  bool onDevice(const void* address, size_t bytes, int device, std::string& why, bool locked) override {
    Locked lock(gpu().lock, std::defer_lock);
    if (!locked) lock.lock();
    return sim::onDevice(address, bytes, device, why);
  }
};

}  // namespace
}  // namespace sim

SIM_EXPORT sim::Bridge* sim_bridge() {
  static sim::Bridge* const gate = new sim::Gate;
  return gate;
}
