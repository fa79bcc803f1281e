// SPDX-License-Identifier: Apache-2.0
#include "scheduler.h"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "control.h"
#include "cuda_codes.h"

namespace sim {

namespace {

constexpr Nanos kNever = std::numeric_limits<Nanos>::max();

// What an engine of a device is doing.
struct Running {
  StreamPtr stream;
  WorkPtr work;
  uint64_t number = 0;
  Nanos start = 0;
  Nanos finish = 0;
};

struct Scheduler {
  std::vector<StreamPtr> active;  // streams with something queued
  std::array<std::array<Running, kUnits>, kMaxDevices> engines;
  bool started = false;
};

Scheduler& scheduler() {
  static Scheduler* const one = new Scheduler;
  return *one;
}

void markRecorded(Stream& stream, const Op& op) {
  if (op.version > op.event->completed) {
    op.event->completed = op.version;
    op.event->time = stream.readyAt;
  }
}

int64_t costOf(const Work& work) { return latencyOf(static_cast<int>(work.unit), work.bytes) * work.share() / 100; }

bool waitsInVain(const Op& op) { return op.event->completed < op.version; }

void note(const char* what, const Stream& stream, const Work& work, uint64_t number) {
  happened({what, static_cast<int>(work.unit), stream.number, number, work.bytes});
}

void runNow(Stream& stream, const WorkPtr& work, uint64_t number) {
  note("begin", stream, *work, number);
  work->begin();
  const int code = outcome(work->unit, work->run());
  note("end", stream, *work, number);
  if (code != kSuccess) lose(stream.device, code);
}

void runForeign(Locked& lock, Stream& stream, const WorkPtr& work) {
  stream.busy = true;
  lock.unlock();
  (void)work->run();
  lock.lock();
  stream.busy = false;
}

// Does what is at the front of a stream and takes no time. False: the front has to wait.
bool passFront(Locked& lock, Stream& stream) {
  Op& op = stream.ops.front();
  if (op.kind == Op::Kind::kWait) {
    if (waitsInVain(op)) return false;
    stream.readyAt = std::max(stream.readyAt, op.event->time);
  } else if (op.kind == Op::Kind::kRecord) {
    stream.readyAt = std::max(stream.readyAt, op.enqueued);
    markRecorded(stream, op);
  } else {
    const bool takesTime = costOf(*op.work) != 0 || isHeld(static_cast<int>(op.work->unit));
    if (op.work->unit != Unit::kNone && takesTime) return false;
    stream.readyAt = std::max(stream.readyAt, op.enqueued);
    const WorkPtr work = op.work;
    if (work->foreign()) {
      runForeign(lock, stream, work);
    } else {
      runNow(stream, work, op.number);
    }
    if (stream.ops.empty()) return false;  // the device was lost
  }
  stream.ops.pop_front();
  gpu().done.notify_all();
  return true;
}

// Gives an engine the front of the stream that has waited longest for it, in the device's clock; priorities go first.
bool startOn(int device, int unit) {
  Running& engine = scheduler().engines[static_cast<size_t>(device)][static_cast<size_t>(unit)];
  if (engine.stream) return false;
  StreamPtr best;
  Nanos bestReady = kNever;
  for (const StreamPtr& stream : scheduler().active) {
    if (stream->device != device || stream->busy || stream->ops.empty()) continue;
    const Op& op = stream->ops.front();
    if (op.kind != Op::Kind::kWork || static_cast<int>(op.work->unit) != unit) continue;
    const Nanos ready = std::max(stream->readyAt, op.enqueued);
    const bool first = !best || op.work->continues() || stream->priority < best->priority;
    if (first || (stream->priority == best->priority && ready < bestReady)) {
      best = stream;
      bestReady = ready;
    }
    if (op.work->continues()) break;
  }
  if (!best) return false;
  engine.stream = best;
  engine.work = best->ops.front().work;
  engine.number = best->ops.front().number;
  engine.start = std::max(bestReady, gpu().devices[static_cast<size_t>(device)].freeAt[static_cast<size_t>(unit)]);
  engine.finish = engine.start + costOf(*engine.work);
  best->busy = true;
  note("begin", *best, *engine.work, engine.number);
  engine.work->begin();
  return true;
}

void finish(Locked& lock, Running& engine, int device, int unit) {
  const Running ended = engine;
  lock.unlock();
  const int code = outcome(ended.work->unit, ended.work->run());
  lock.lock();
  Stream& stream = *ended.stream;
  note("end", stream, *ended.work, ended.number);
  engine = Running{};
  gpu().devices[static_cast<size_t>(device)].freeAt[static_cast<size_t>(unit)] = ended.finish;
  stream.readyAt = ended.finish;
  stream.busy = false;
  if (!stream.ops.empty() && stream.ops.front().work == ended.work) stream.ops.pop_front();
  if (code != kSuccess) lose(device, code);
  gpu().done.notify_all();
}

bool startAll(Locked& lock) {
  bool any = false;
  std::vector<StreamPtr>& active = scheduler().active;
  for (size_t i = 0; i < active.size(); ++i) {
    const StreamPtr stream = active[i];
    while (!stream->busy && !stream->ops.empty() && passFront(lock, *stream)) any = true;
  }
  for (int device = 0; device < settings().devices; ++device) {
    for (int unit = 0; unit < kUnits; ++unit) any = startOn(device, unit) || any;
  }
  const auto idle = [](const StreamPtr& stream) {
    if (stream->idle()) stream->active = false;
    return !stream->active;
  };
  active.erase(std::remove_if(active.begin(), active.end(), idle), active.end());
  return any;
}

// Ends what is due. @returns when the next thing will be.
Nanos finishDue(Locked& lock) {
  Nanos next = kNever;
  for (int device = 0; device < kMaxDevices; ++device) {
    for (int unit = 0; unit < kUnits; ++unit) {
      Running& engine = scheduler().engines[static_cast<size_t>(device)][static_cast<size_t>(unit)];
      if (!engine.stream || isHeld(unit)) continue;
      if (engine.finish <= now()) {
        finish(lock, engine, device, unit);
        return 0;
      }
      next = std::min(next, engine.finish);
    }
  }
  return next;
}

void loop() {
  (void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  Locked lock(gpu().lock);
  for (;;) {
    const Nanos next = finishDue(lock);
    if (startAll(lock) || next == 0) continue;
    if (next == kNever) {
      gpu().wake.wait(lock);
    } else {
      gpu().wake.wait_until(lock, std::chrono::steady_clock::time_point(std::chrono::nanoseconds(next)));
    }
  }
}

void activate(const StreamPtr& stream) {
  if (!stream->active) {
    stream->active = true;
    scheduler().active.push_back(stream);
  }
  if (!scheduler().started) {
    scheduler().started = true;
    std::thread(loop).detach();  // never ends: streams may outlive whoever made them
  }
  gpu().wake.notify_one();
}

void push(const StreamPtr& stream, Op op) {
  op.enqueued = now();
  stream->ops.push_back(std::move(op));
  activate(stream);
}

}  // namespace

Nanos now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool immediate(const Stream& stream, Unit unit, size_t bytes) {
  if (!stream.idle() || isHeld(static_cast<int>(unit))) return false;
  return !settings().timed.load(std::memory_order_relaxed) || latencyOf(static_cast<int>(unit), bytes) == 0;
}

// The device may have been lost since the caller looked: then nothing is put on it any more.
static bool isLost(const Stream& stream) {
  return gpu().devices[static_cast<size_t>(stream.device)].sticky != kSuccess;
}

void enqueue(const StreamPtr& stream, const WorkPtr& work) {
  if (isLost(*stream)) return;
  static uint64_t calls = 0;  // under the GPU's lock
  Op op;
  op.number = ++calls;
  note("call", *stream, *work, op.number);
  if (!work->foreign() && immediate(*stream, work->unit, work->bytes)) {
    runNow(*stream, work, op.number);
    return;
  }
  op.work = work;
  push(stream, std::move(op));
}

void enqueueRecord(const StreamPtr& stream, const EventPtr& event) {
  Op op;
  op.kind = Op::Kind::kRecord;
  op.event = event;
  op.version = ++event->recorded;
  if (stream->idle()) {
    const bool timed = settings().timed.load(std::memory_order_relaxed) || (event->flags & 2U) == 0;
    if (timed) stream->readyAt = std::max(stream->readyAt, now());
    markRecorded(*stream, op);
    return;
  }
  push(stream, std::move(op));
}

void enqueueWait(const StreamPtr& stream, const EventPtr& event) {
  if (isLost(*stream)) return;
  Op op;
  op.kind = Op::Kind::kWait;
  op.event = event;
  op.version = event->recorded;
  if (stream->idle() && !waitsInVain(op)) {
    stream->readyAt = std::max(stream->readyAt, event->time);
    return;
  }
  push(stream, std::move(op));
}

void waitStream(Locked& lock, const StreamPtr& stream) {
  gpu().done.wait(lock, [&] { return stream->idle(); });
}

void waitEvent(Locked& lock, const EventPtr& event) {
  const uint64_t version = event->recorded;
  gpu().done.wait(lock, [&] { return event->completed >= version; });
}

void waitDevice(Locked& lock, int device) {
  gpu().done.wait(lock, [&] {
    const auto busy = [&](const StreamPtr& stream) { return stream->device == device && !stream->idle(); };
    return std::none_of(scheduler().active.begin(), scheduler().active.end(), busy);
  });
}

void lose(int device, int code) {
  gpu().devices[static_cast<size_t>(device)].sticky = code;
  for (const StreamPtr& stream : scheduler().active) {
    if (stream->device != device) continue;
    for (const Op& op : stream->ops) {
      if (op.kind == Op::Kind::kRecord) markRecorded(*stream, op);
    }
    stream->ops.clear();
  }
  gpu().done.notify_all();
}

void restore(int device) { gpu().devices[static_cast<size_t>(device)].sticky = kSuccess; }

}  // namespace sim
