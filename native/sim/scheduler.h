// SPDX-License-Identifier: Apache-2.0
// Streams as queues. What costs no time on an idle stream is done at once by the caller; anything else by one thread that
// keeps the device's own clock: an operation begins when its stream and its engine are free *in that clock*, however late
// the thread wakes up, so that jitter of this machine does not add up to a slower device.
#ifndef TENSORRT_NODE_SIM_SCHEDULER_H_
#define TENSORRT_NODE_SIM_SCHEDULER_H_

#include "state.h"

namespace sim {

using Locked = std::unique_lock<std::mutex>;

// All with the GPU's lock held; wait…() let go of it meanwhile.

// True when work of `unit` put into this stream now would be over when the call returns.
bool immediate(const Stream& stream, Unit unit, size_t bytes);
void enqueue(const StreamPtr& stream, const WorkPtr& work);
void enqueueRecord(const StreamPtr& stream, const EventPtr& event);
void enqueueWait(const StreamPtr& stream, const EventPtr& event);

void waitStream(Locked& lock, const StreamPtr& stream);
void waitEvent(Locked& lock, const EventPtr& event);
void waitDevice(Locked& lock, int device);

// The context of this device is lost: everything queued on it ends unexecuted.
void lose(int device, int code);
void restore(int device);  // cudaDeviceReset

// What a run answered: counts it as "async:…", so that faults can be set on operations that fail after their call.
int outcome(Unit unit, int code);

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_SCHEDULER_H_
