// SPDX-License-Identifier: Apache-2.0
// The operations that libcudart itself puts into streams.
#ifndef TENSORRT_NODE_SIM_WORK_H_
#define TENSORRT_NODE_SIM_WORK_H_

#include <string>
#include <vector>

#include "state.h"

namespace sim {

// A sum over bytes that another thread may be changing: only for finding out that it did.
uint64_t checksum(const void* data, size_t bytes);

class CopyWork : public Work {
 public:
  struct Range {
    void* to;
    const void* from;
    size_t bytes;
    int kind;
  };
  CopyWork(Unit unit, const Range& range, int device) : Work(unit, range.bytes), range_(range), device_(device) {}
  void watch();  // the source is page-locked host memory that must not change until the copy is over
  void keep();   // the source is ordinary memory: as CUDA does, take the bytes before the call returns
  void begin() override;
  int run() override;

 private:
  Range range_;
  const int device_;
  std::vector<char> kept_;
  bool watched_ = false;
  uint64_t sum_ = 0;
  int code_ = 0;
};

class SetWork : public Work {
 public:
  SetWork(void* memory, int value, size_t bytes, int device)
      : Work(Unit::kNone, bytes), memory_(memory), value_(value), device_(device) {}
  void begin() override;
  int run() override;

 private:
  void* const memory_;
  const int value_;
  const int device_;
  int code_ = 0;
};

class HostWork : public Work {
 public:
  HostWork(void (*function)(void*), void* user, int device)
      : Work(Unit::kNone), function_(function), user_(user), device_(device) {}
  int run() override;
  bool foreign() const override { return true; }

 private:
  void (*const function_)(void*);
  void* const user_;
  const int device_;
};

class FreeWork : public Work {
 public:
  explicit FreeWork(void* memory) : Work(Unit::kNone), memory_(memory) {}
  void begin() override;
  int run() override { return 0; }

 private:
  void* const memory_;
};

// An event record that is a node of a graph: each launch records it anew.
class RecordWork : public Work {
 public:
  explicit RecordWork(EventPtr event) : Work(Unit::kNone), event_(std::move(event)) {}
  int run() override { return 0; }
  const EventPtr* records() const override { return &event_; }

 private:
  const EventPtr event_;
};

// A wait for an event of outside as a node of a graph: each launch waits for what the event means then.
class WaitWork : public Work {
 public:
  explicit WaitWork(EventPtr event) : Work(Unit::kNone), event_(std::move(event)) {}
  int run() override { return 0; }
  const EventPtr* waits() const override { return &event_; }

 private:
  const EventPtr event_;
};

// With the lock held: cudaEventRecord, in a capture or not. @returns a CUDA error.
int recordEvent(const StreamPtr& stream, const EventPtr& event);

// Puts work into a stream, or into the graph that the stream is capturing. With the lock held. @returns a CUDA error.
int give(const StreamPtr& stream, const WorkPtr& work);

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_WORK_H_
