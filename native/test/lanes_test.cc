// SPDX-License-Identifier: Apache-2.0
// Lanes and the completion queue without Node: for TSan, which does not know Node's own synchronisation.
#include "lanes.h"

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>

#include "check.h"
#include "completion_queue.h"

namespace {

using namespace std::chrono_literals;

// Counts what it is given; a run whose `profile` is 1 waits until it is interrupted.
class CountingWork : public trtn::LaneWork {
 public:
  explicit CountingWork(std::atomic<int>& executed) : executed_(executed) {}
  backend_status execute(const backend_run& run, backend_timings& timings, std::string&) noexcept override {
    ++executed_;
    timings.compute_ns = 1;
    while (run.profile == 1 && !interrupted_) std::this_thread::sleep_for(100us);
    return interrupted_ ? BACKEND_CANCELLED : BACKEND_OK;
  }
  void interrupt() noexcept override { interrupted_ = true; }
  void rearm() noexcept override { interrupted_ = false; }

 private:
  std::atomic<int>& executed_;
  std::atomic<bool> interrupted_{false};
};

std::vector<std::unique_ptr<trtn::LaneWork>> counting_work(int lanes, std::atomic<int>& executed) {
  std::vector<std::unique_ptr<trtn::LaneWork>> work;
  for (int i = 0; i < lanes; ++i) work.push_back(std::make_unique<CountingWork>(executed));
  return work;
}

// A submitted run and what came of it.
struct Probe {
  backend_run run{};
  std::atomic<int> dones{0};
  std::atomic<int> status{-1};
  std::atomic<int> lane{-2};

  Probe() {
    run.struct_size = sizeof run;
    run.lane = -1;
    run.user = this;
    run.done = [](void* user, backend_status status, const char*, const backend_timings*, int32_t lane) {
      Probe& probe = *static_cast<Probe*>(user);
      probe.status = status;
      probe.lane = lane;
      ++probe.dones;
    };
  }
  void wait() const {
    while (dones == 0) std::this_thread::sleep_for(50us);
  }
};

void every_run_is_done_once() {
  std::atomic<int> executed{0};
  std::deque<Probe> probes(2000);
  {
    trtn::Lanes lanes(counting_work(3, executed), 20us);
    std::thread other([&] {
      for (size_t i = 0; i < 1000; ++i) lanes.submit(&probes[i].run);
    });
    for (size_t i = 1000; i < 2000; ++i) lanes.submit(&probes[i].run);
    other.join();
  }  // drains
  for (const Probe& probe : probes) CHECK(probe.dones == 1 && probe.status == BACKEND_OK);
  CHECK(executed == 2000);
}

void a_chosen_lane_is_used() {
  std::atomic<int> executed{0};
  trtn::Lanes lanes(counting_work(3, executed), 0us);
  for (int lane = 0; lane < 3; ++lane) {
    Probe probe;
    probe.run.lane = lane;
    lanes.submit(&probe.run);
    probe.wait();
    CHECK(probe.lane == lane);
  }
  Probe probe;
  probe.run.lane = 3;
  lanes.submit(&probe.run);
  CHECK(probe.dones == 1 && probe.status == BACKEND_INVALID_ARGUMENT);
}

void cancel_ends_running_and_queued_runs() {
  std::atomic<int> executed{0};
  Probe running;
  Probe queued;
  Probe after;
  running.run.profile = 1;
  {
    trtn::Lanes lanes(counting_work(1, executed), 20us);
    lanes.submit(&running.run);
    while (executed == 0) std::this_thread::sleep_for(50us);
    lanes.submit(&queued.run);
    lanes.submit(&after.run);
    lanes.cancel(&queued);
    CHECK(queued.dones == 1 && queued.status == BACKEND_CANCELLED);
    lanes.cancel(&running);
    running.wait();
    CHECK(running.status == BACKEND_CANCELLED);
    lanes.cancel(&running);  // unknown by now: ignored
    after.wait();
    CHECK(after.status == BACKEND_OK);  // an interrupt does not stick to the lane
  }
  CHECK(executed == 2);
}

void a_spent_budget_is_not_executed() {
  std::atomic<int> executed{0};
  Probe running;
  Probe late;
  running.run.profile = 1;
  late.run.budget_ns = 1;
  trtn::Lanes lanes(counting_work(1, executed), 0us);
  lanes.submit(&running.run);
  while (executed == 0) std::this_thread::yield();  // the lane has it: cancelled in the queue, it would not be counted
  lanes.submit(&late.run);
  std::this_thread::sleep_for(1ms);
  lanes.cancel(&running);
  late.wait();
  CHECK(late.status == BACKEND_DEADLINE);
  CHECK(executed == 1);
}

void a_budget_ends_while_every_lane_is_busy() {
  std::atomic<int> executed{0};
  Probe running;
  Probe late;
  running.run.profile = 1;
  late.run.budget_ns = 1000000;
  trtn::Lanes lanes(counting_work(1, executed), 0us);
  lanes.submit(&running.run);
  lanes.submit(&late.run);
  late.wait();  // with the lane still busy
  CHECK(late.status == BACKEND_DEADLINE);
  CHECK(running.dones == 0);
  lanes.cancel(&running);
  running.wait();
}

void cancel_races_with_completion() {
  std::atomic<int> executed{0};
  trtn::Lanes lanes(counting_work(2, executed), 20us);
  for (int i = 0; i < 2000; ++i) {
    Probe probe;
    lanes.submit(&probe.run);
    lanes.cancel(&probe);
    probe.wait();
    CHECK(probe.status == BACKEND_OK || probe.status == BACKEND_CANCELLED);
    std::this_thread::yield();
    CHECK(probe.dones == 1);
  }
}

class Numbered : public trtn::Completion {
 public:
  Numbered(int producer, int number) : producer(producer), number(number) {}
  void settle(trtn::Environment&) override {}
  void abandon() noexcept override { delete this; }
  const int producer;
  const int number;
};

void completions_arrive_once_and_in_order() {
  constexpr int kProducers = 3;
  constexpr int kEach = 5000;
  std::mutex mutex;
  std::condition_variable changed;
  int wakes = 0;
  trtn::Mailbox mailbox([&] {
    const std::lock_guard<std::mutex> lock(mutex);
    ++wakes;
    changed.notify_one();
  });
  mailbox.outstanding = kProducers * kEach;
  std::vector<std::thread> producers;
  for (int p = 0; p < kProducers; ++p) {
    producers.emplace_back([&mailbox, p] {
      for (int i = 0; i < kEach; ++i) mailbox.post(new Numbered(p, i), true);
    });
  }
  int next[kProducers] = {};
  int received = 0;
  while (received < kProducers * kEach) {
    {
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [&] { return wakes > 0; });  // a lost wake-up would hang here
      wakes = 0;
    }
    mailbox.queue.drain([&](trtn::Completion* completion) {
      const std::unique_ptr<Numbered> one(static_cast<Numbered*>(completion));
      CHECK(one->number == next[one->producer]++);
      ++received;
    });
  }
  for (std::thread& producer : producers) producer.join();
  CHECK(mailbox.outstanding == 0);
}

}  // namespace

int main() {
  every_run_is_done_once();
  a_chosen_lane_is_used();
  cancel_ends_running_and_queued_runs();
  a_spent_budget_is_not_executed();
  a_budget_ends_while_every_lane_is_busy();
  cancel_races_with_completion();
  completions_arrive_once_and_in_order();
  std::puts("7 passed, 0 failed");
}
