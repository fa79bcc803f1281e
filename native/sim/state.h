// SPDX-License-Identifier: Apache-2.0
// The simulated GPU: what libcudart's functions act on. One lock protects all of it; work runs under that lock when a
// stream is idle and costs nothing (the fast path), and outside of it on the scheduler's thread when it has a latency.
#ifndef TENSORRT_NODE_SIM_STATE_H_
#define TENSORRT_NODE_SIM_STATE_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace sim {

using Nanos = int64_t;  // of the steady clock
Nanos now();

constexpr int kMaxDevices = 8;

// What a piece of work occupies while it lasts. Each engine of a device does one thing at a time.
enum class Unit { kNone = -1, kCopyIn = 0, kCompute = 1, kCopyOut = 2 };
constexpr int kUnits = 3;

struct Event;

// One operation of a stream or node of a graph. Shared: a graph launches the same work again and again.
class Work {
 public:
  explicit Work(Unit unit, size_t bytes = 0) : unit(unit), bytes(bytes) {}
  virtual ~Work() = default;
  virtual void begin() {}  // when the engine starts on it
  virtual int run() = 0;   // when the engine is done with it. @returns a CUDA error: the device is lost
  // The event that this work records or waits for, if that is what it is for.
  virtual const std::shared_ptr<Event>* records() const { return nullptr; }
  virtual const std::shared_ptr<Event>* waits() const { return nullptr; }
  // A function of the product: called by the scheduler's thread, without the lock.
  virtual bool foreign() const { return false; }
  // Part of the unit's latency that this takes, in percent; and whether it goes on with what its stream began.
  virtual int share() const { return 100; }
  virtual bool continues() const { return false; }
  const Unit unit;
  const size_t bytes;
};
using WorkPtr = std::shared_ptr<Work>;

struct Capture;
struct Stream;

struct Event {
  int device = 0;
  unsigned flags = 0;
  uint64_t recorded = 0;             // how often it was recorded
  uint64_t completed = 0;            // the latest record that the device has passed
  Nanos time = 0;                    // of that record
  std::shared_ptr<Capture> capture;  // its latest record was captured: it means nothing outside
  Stream* capturedIn = nullptr;
};
using EventPtr = std::shared_ptr<Event>;

struct Op {
  enum class Kind { kWork, kRecord, kWait } kind = Kind::kWork;
  uint64_t number = 0;  // of work, as the record of events has it
  WorkPtr work;
  EventPtr event;
  uint64_t version = 0;
  Nanos enqueued = 0;
};

struct Stream {
  uint64_t number = 0;  // as the record of events has it
  int device = 0;
  unsigned flags = 0;
  int priority = 0;
  std::deque<Op> ops;
  bool busy = false;    // the front of `ops` occupies an engine
  bool active = false;  // in the scheduler's list
  Nanos readyAt = 0;    // when, in the device's own time, its last operation ended
  std::shared_ptr<Capture> capture;
  bool idle() const { return ops.empty() && !busy; }
};
using StreamPtr = std::shared_ptr<Stream>;

struct Capture {
  Stream* origin = nullptr;
  std::thread::id thread;
  int mode = 0;
  std::atomic<bool> invalid{false};
  std::atomic<bool> ended{false};  // also when its stream was destroyed
  std::vector<WorkPtr> nodes;      // in the order of the calls, which is a topological one
  std::map<Stream*, bool> forks;   // drawn in by an event → has work that nobody has waited for yet
};

struct Graph {
  std::vector<WorkPtr> nodes;
  int device = 0;
};

struct Device {
  std::atomic<int> sticky{0};  // the context is lost: every call answers this
  size_t allocated = 0;
  std::array<Nanos, kUnits> freeAt{};
  StreamPtr defaultStream;
};

struct Gpu {
  std::mutex lock;
  std::condition_variable wake;  // the scheduler: there is work
  std::condition_variable done;  // waiters: some operation ended
  std::array<Device, kMaxDevices> devices;
  std::unordered_map<void*, StreamPtr> streams;
  std::unordered_map<void*, EventPtr> events;
  std::unordered_map<void*, std::shared_ptr<Graph>> graphs;
  std::unordered_map<void*, std::shared_ptr<Graph>> execs;
  std::atomic<int> globalCaptures{0};
};
Gpu& gpu();  // never destroyed: threads of ours outlive main()

int& currentDevice();  // of the calling thread
int& lastError();      // of the calling thread
std::shared_ptr<Capture>& threadCapture();

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_STATE_H_
