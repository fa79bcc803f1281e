// SPDX-License-Identifier: Apache-2.0
// libcudart: streams and events.
#include <algorithm>

#include "cuda_entry.h"
#include "work.h"

using namespace sim;

namespace {

template <class Handle>
Handle* handleOf(const void* object) {
  return static_cast<Handle*>(const_cast<void*>(object));
}

int makeStream(CUstream_st** out, unsigned flags, int priority) {
  auto stream = std::make_shared<Stream>();
  stream->device = currentDevice();
  stream->flags = flags;
  stream->priority = std::min(0, std::max(-5, priority));
  const Locked lock(gpu().lock);
  static uint64_t made = 0;
  stream->number = ++made;
  gpu().streams[stream.get()] = stream;
  ++live("streams");
  *out = handleOf<CUstream_st>(stream.get());
  return kSuccess;
}

// What a call that asks for the state of something answers: the device's error goes first.
int stateOf(int device, bool ready) {
  const int sticky = gpu().devices[static_cast<size_t>(device)].sticky;
  if (sticky != 0) return failed(sticky);
  return ready ? kSuccess : kNotReady;
}

int breakCapture(const std::shared_ptr<Capture>& capture, int code) {
  capture->invalid = true;
  violation("captureBroken", textOf(code));
  return failed(code);
}

// An event that a capture recorded draws the stream that waits for it into that capture.
int waitInCapture(const StreamPtr& stream, const EventPtr& event) {
  if (!event->capture) return breakCapture(stream->capture, kCaptureIsolation);
  const std::shared_ptr<Capture> capture = event->capture;
  if (stream->capture && stream->capture != capture) return breakCapture(stream->capture, kCaptureIsolation);
  stream->capture = capture;
  if (stream.get() != capture->origin) capture->forks[stream.get()] = true;
  const auto joined = capture->forks.find(event->capturedIn);
  if (joined != capture->forks.end() && joined->first != stream.get()) joined->second = false;
  return kSuccess;
}

}  // namespace

SIM_EXPORT int cudaStreamCreateWithFlags(CUstream_st** stream, unsigned flags) {
  if (const int code = enter(SIM_COUNT("cudaStreamCreateWithFlags"))) return code;
  return makeStream(stream, flags, 0);
}

SIM_EXPORT int cudaStreamCreateWithPriority(CUstream_st** stream, unsigned flags, int priority) {
  if (const int code = enter(SIM_COUNT("cudaStreamCreateWithPriority"))) return code;
  return makeStream(stream, flags, priority);
}

// Its work goes on without the handle.
SIM_EXPORT int cudaStreamDestroy(CUstream_st* handle) {
  const int fault = SIM_COUNT("cudaStreamDestroy");
  if (settings().driver != 0) return enter(fault);
  Locked lock(gpu().lock);
  const StreamPtr stream = handle == nullptr ? nullptr : streamOf(handle);
  if (stream && stream->capture && stream->capture->origin == stream.get()) {
    stream->capture->ended = true;
    if (stream->capture->mode == 0) --gpu().globalCaptures;
  }
  if (gpu().streams.erase(handle) == 0) {
    violation("unknownHandle", "a stream was destroyed that does not exist");
    return failed(kInvalidResourceHandle);
  }
  --live("streams");
  lock.unlock();
  return enter(fault);
}

SIM_EXPORT int cudaStreamSynchronize(CUstream_st* handle) {
  mayBlock("cudaStreamSynchronize");
  if (const int code = enter(SIM_COUNT("cudaStreamSynchronize"))) return code;
  Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  if (!stream) return failed(kInvalidResourceHandle);
  if (stream->capture) return breakCapture(stream->capture, kCaptureUnsupported);
  waitStream(lock, stream);
  return stateOf(stream->device, true);
}

SIM_EXPORT int cudaStreamQuery(CUstream_st* handle) {
  if (const int code = enter(SIM_COUNT("cudaStreamQuery"))) return code;
  const Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  if (!stream) return failed(kInvalidResourceHandle);
  if (stream->capture) return breakCapture(stream->capture, kCaptureUnsupported);
  return stateOf(stream->device, stream->idle());
}

SIM_EXPORT int cudaStreamWaitEvent(CUstream_st* streamHandle, CUevent_st* eventHandle, unsigned flags) {
  if (const int code = enter(SIM_COUNT("cudaStreamWaitEvent"))) return code;
  const Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(streamHandle);
  const EventPtr event = eventOf(eventHandle);
  if (!stream || !event) return failed(kInvalidResourceHandle);
  if (stream->capture && flags == 1) return failed(give(stream, std::make_shared<WaitWork>(event)));  // external
  if (stream->capture || event->capture) return waitInCapture(stream, event);
  enqueueWait(stream, event);
  return kSuccess;
}

SIM_EXPORT int cudaLaunchHostFunc(CUstream_st* handle, void (*function)(void*), void* user) {
  if (const int code = enter(SIM_COUNT("cudaLaunchHostFunc"))) return code;
  const Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  if (!stream) return failed(kInvalidResourceHandle);
  return failed(give(stream, std::make_shared<HostWork>(function, user, stream->device)));
}

SIM_EXPORT int cudaEventCreateWithFlags(CUevent_st** out, unsigned flags) {
  if (const int code = enter(SIM_COUNT("cudaEventCreateWithFlags"))) return code;
  const auto event = std::make_shared<Event>();
  event->device = currentDevice();
  event->flags = flags;
  const Locked lock(gpu().lock);
  gpu().events[event.get()] = event;
  ++live("events");
  *out = handleOf<CUevent_st>(event.get());
  return kSuccess;
}

SIM_EXPORT int cudaEventDestroy(CUevent_st* handle) {
  const int fault = SIM_COUNT("cudaEventDestroy");
  if (settings().driver != 0) return enter(fault);
  Locked lock(gpu().lock);
  if (gpu().events.erase(handle) == 0) {
    violation("unknownHandle", "an event was destroyed that does not exist");
    return failed(kInvalidResourceHandle);
  }
  --live("events");
  lock.unlock();
  return enter(fault);
}

SIM_EXPORT int cudaEventRecordWithFlags(CUevent_st* eventHandle, CUstream_st* streamHandle, unsigned flags) {
  if (const int code = enter(SIM_COUNT("cudaEventRecordWithFlags"))) return code;
  const Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(streamHandle);
  const EventPtr event = eventOf(eventHandle);
  if (!stream || !event || event->device != stream->device) return failed(kInvalidResourceHandle);
  if (stream->capture && flags == 1) return failed(give(stream, std::make_shared<RecordWork>(event)));
  if (flags != 0) return failed(kInvalidValue);  // external means nothing outside of a capture
  return recordEvent(stream, event);
}

SIM_EXPORT int cudaEventRecord(CUevent_st* eventHandle, CUstream_st* streamHandle) {
  if (const int code = enter(SIM_COUNT("cudaEventRecord"))) return code;
  const Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(streamHandle);
  const EventPtr event = eventOf(eventHandle);
  if (!stream || !event || event->device != stream->device) return failed(kInvalidResourceHandle);
  return recordEvent(stream, event);
}

SIM_EXPORT int cudaEventQuery(CUevent_st* handle) {
  if (const int code = enter(SIM_COUNT("cudaEventQuery"))) return code;
  if (const int code = forbiddenInCapture()) return code;
  const Locked lock(gpu().lock);
  const EventPtr event = eventOf(handle);
  if (!event) return failed(kInvalidResourceHandle);
  if (event->capture) return breakCapture(event->capture, kCapturedEvent);
  return stateOf(event->device, event->completed >= event->recorded);
}

SIM_EXPORT int cudaEventSynchronize(CUevent_st* handle) {
  mayBlock("cudaEventSynchronize");
  if (const int code = enter(SIM_COUNT("cudaEventSynchronize"))) return code;
  Locked lock(gpu().lock);
  const EventPtr event = eventOf(handle);
  if (!event) return failed(kInvalidResourceHandle);
  if (event->capture) return breakCapture(event->capture, kCapturedEvent);
  waitEvent(lock, event);
  return stateOf(event->device, true);
}

SIM_EXPORT int cudaEventElapsedTime(float* ms, CUevent_st* from, CUevent_st* to) {
  if (const int code = enter(SIM_COUNT("cudaEventElapsedTime"))) return code;
  const Locked lock(gpu().lock);
  const EventPtr first = eventOf(from);
  const EventPtr second = eventOf(to);
  if (!first || !second || ((first->flags | second->flags) & 2U) != 0) return failed(kInvalidResourceHandle);
  if (first->recorded == 0 || second->recorded == 0) return failed(kInvalidResourceHandle);
  if (first->completed < first->recorded || second->completed < second->recorded) return kNotReady;
  *ms = static_cast<float>(static_cast<double>(second->time - first->time) / 1e6);
  return kSuccess;
}
