// SPDX-License-Identifier: Apache-2.0
// The TensorRT backend on the simulated GPU, from several threads at once: what TSan and ASan are to see. Whether answers
// are right is asked in TypeScript at length; here only that none is wrong.
// Usage: device_test FOLDER, the simulator's libraries of one flavour.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "device_harness.h"

namespace {

using device_test::Simulator;

enum class Output { kPooled, kCallers, kPageLocked };
constexpr int64_t kLarge = 300'000;  // rows of 16 bytes

// One run: [rows, 4] of `seed`, and what came of it.
class Job {
 public:
  Job(const backend_api& api, backend_session* session, int seed, Output output)
      : api_(api),
        session_(session),
        output_(output),
        x_(static_cast<size_t>(rows(seed)) * 4, static_cast<float>(seed)) {
    const size_t bytes = x_.size() * sizeof(float);
    in_.rank = out_.rank = 2;
    in_.dims[0] = out_.dims[0] = rows(seed);
    in_.dims[1] = out_.dims[1] = 4;
    in_.data = x_.data();
    in_.bytes = bytes;
    if (output == Output::kPooled) {
      out_.memory = BACKEND_POOLED;
      out_.rank = -1;
    } else {
      out_.memory = output == Output::kCallers ? BACKEND_PAGEABLE : BACKEND_PAGE_LOCKED;
      out_.data = output == Output::kCallers ? (y_ = x_, y_.data()) : page_locked(bytes);
      out_.bytes = bytes;
    }
    run_.struct_size = sizeof run_;
    run_.inputs = &in_;
    run_.input_count = 1;
    run_.outputs = &out_;
    run_.output_count = 1;
    run_.lane = -1;
    run_.profile = -1;
    run_.user = this;
    run_.done = finished;
  }
  ~Job() {
    if (output_ == Output::kPageLocked) api_.host_free(out_.data);
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  void submit() { api_.submit(session_, &run_); }
  void cancel() { api_.cancel(session_, this); }
  backend_status wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return dones_ > 0; });
    return status_;
  }
  int dones() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return dones_;
  }
  // Once it has succeeded: looks at the answer, and gives pooled memory back.
  void check_answer() {
    CHECK(out_.rank == 2 && out_.bytes == x_.size() * sizeof(float));
    const auto* const y = static_cast<const float*>(out_.data);
    CHECK(y[0] == x_.front() && y[x_.size() - 1] == x_.back());
    if (output_ == Output::kPooled) api_.release(out_.pooled);
  }

 private:
  // One in a while goes to the device in pieces.
  static int64_t rows(int seed) { return seed % 60 == 59 ? kLarge + seed : 1 + seed % 7; }
  void* page_locked(size_t bytes) {
    void* memory = nullptr;
    device_test::ErrorText failure;
    const backend_status status = api_.host_alloc(session_, bytes, &memory, &failure.error);
    if (status != BACKEND_DEVICE_LOST) device_test::succeeded(status, failure.error);
    return memory;  // null once the device is lost: no run gets as far as to look at it
  }
  static void finished(void* user, backend_status status, const char*, const backend_timings*, int32_t) {
    Job& job = *static_cast<Job*>(user);
    const std::lock_guard<std::mutex> lock(job.mutex_);
    job.status_ = status;
    ++job.dones_;
    job.changed_.notify_all();
  }

  const backend_api& api_;
  backend_session* session_;
  Output output_;
  std::vector<float> x_;
  std::vector<float> y_;
  backend_tensor in_{};
  backend_tensor out_{};
  backend_run run_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  backend_status status_ = BACKEND_OK;
  int dones_ = 0;
};

constexpr Output kOutputs[] = {Output::kPooled, Output::kCallers, Output::kPageLocked};

// Submits `count` runs, cancels some of them on the way, and wants each to end once and rightly.
void drive(const backend_api& api, backend_session* session, int count, backend_status tolerated) {
  std::deque<Job> jobs;
  for (int i = 0; i < count; ++i) {
    // A lost device has no page-locked memory to give.
    jobs.emplace_back(api, session, i, kOutputs[i % (tolerated == BACKEND_OK ? 3 : 2)]);
    jobs.back().submit();
    if (i % 5 == 4) jobs[static_cast<size_t>(i - 2)].cancel();
  }
  for (Job& job : jobs) {
    const backend_status status = job.wait();
    if (status == BACKEND_OK) job.check_answer();
    CHECK(status == BACKEND_OK || status == BACKEND_CANCELLED || status == tolerated);
    CHECK(job.dones() == 1);
  }
}

// Threads with a session each, and two that share one.
void test_many_threads(const Simulator& simulator, const std::string& plan) {
  const backend_api& api = simulator.api();
  backend_engine* const engine = device_test::load(simulator, plan);
  backend_session* const shared = device_test::open(simulator, engine, 2);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) threads.emplace_back([&] { drive(api, shared, 150, BACKEND_OK); });
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 3; ++round) {
        backend_session* const own = device_test::open(simulator, engine, 1 + round);
        drive(api, own, 50, BACKEND_OK);
        api.session_free(own);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  api.session_free(shared);
  api.engine_free(engine);
}

// Batches that run as larger ones, while others on the same lanes have graphs of their own.
void test_padding(const Simulator& simulator, const std::string& plan) {
  const backend_api& api = simulator.api();
  backend_engine* const engine = device_test::load(simulator, plan);
  backend_session* const session = device_test::open(simulator, engine, 2, {{"padToGraph", "1"}});
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { drive(api, session, 200, BACKEND_OK); });
  for (std::thread& thread : threads) thread.join();
  std::string facts;
  const backend_sink sink{device_test::append, &facts};
  device_test::ErrorText failure;
  device_test::succeeded(api.session_control(session, "describe", nullptr, &sink, &failure.error), failure.error);
  CHECK(facts.find("\"padded\":0,") == std::string::npos && facts.find("\"padded\":") != std::string::npos);
  api.session_free(session);
  api.engine_free(engine);
}

// session_free with runs in flight: each has ended when it returns.
void test_free_drains(const Simulator& simulator, const std::string& plan) {
  const backend_api& api = simulator.api();
  backend_engine* const engine = device_test::load(simulator, plan);
  for (int round = 0; round < 10; ++round) {
    backend_session* const session = device_test::open(simulator, engine, 2);
    std::deque<Job> jobs;
    for (int i = 0; i < 20; ++i) {
      jobs.emplace_back(api, session, i, kOutputs[i % 2]);
      jobs.back().submit();
    }
    api.session_free(session);
    for (Job& job : jobs) {
      CHECK(job.dones() == 1);
      if (job.wait() == BACKEND_OK) job.check_answer();
    }
  }
  api.engine_free(engine);
}

// A device that is lost while several threads use it: every run ends, and afterwards the device serves again.
void test_lost_device(const Simulator& simulator, const std::string& plan) {
  const backend_api& api = simulator.api();
  for (const char* where :
       {"async:copyIn:20:700:sticky", "async:compute:20:719:sticky", "cudaEventRecord:30:700:sticky"}) {
    backend_engine* const engine = device_test::load(simulator, plan);
    backend_session* const first = device_test::open(simulator, engine, 2);
    backend_session* const second = device_test::open(simulator, engine, 1);
    simulator.set("fault", where);
    std::thread other([&] { drive(api, second, 60, BACKEND_DEVICE_LOST); });
    drive(api, first, 60, BACKEND_DEVICE_LOST);
    other.join();
    Job late(api, first, 1, Output::kPooled);
    late.submit();
    CHECK(late.wait() == BACKEND_DEVICE_LOST);
    simulator.set("clearFaults", "");
    api.session_free(first);
    api.session_free(second);
    api.engine_free(engine);
  }
  test_free_drains(simulator, plan);
}

}  // namespace

int main(int count, char** arguments) {
  CHECK(count == 2);
  setenv("TENSORRT_SIM", "copyInNs=5000;computeNs=20000;copyOutNs=5000", 1);
  const Simulator simulator(arguments[1]);
  const std::string plan = device_test::build_echo(simulator);
  test_many_threads(simulator, plan);
  test_padding(simulator, plan);
  test_free_drains(simulator, plan);
  test_lost_device(simulator, plan);
  const std::string broken = simulator.get("violations");
  if (broken != "{}") std::fprintf(stderr, "rules of the hardware were broken: %s\n", broken.c_str());
  CHECK(broken == "{}");
  std::puts("device_test: ok");
  return 0;
}
