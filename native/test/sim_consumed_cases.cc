// SPDX-License-Identifier: Apache-2.0
// The input-consumed event. The backend does without it: each of a lane's slots has memory of its own, so that the next
// inputs have a place to go. It is here for what it promises, and for the simulator that is to notice who breaks it.
#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "sim_loaded.h"

namespace sim_test {

namespace {

// One input buffer, a stream that computes and one that copies the next input into it.
struct OneBuffer {
  explicit OneBuffer(const Loaded& sim) : sim(sim) {
    OK(sim.malloc(&in, kBytes));
    OK(sim.malloc(&out, kBytes));
    OK(sim.hostAlloc(&next, kBytes, 0));
    OK(sim.makeStream(&compute, 1));
    OK(sim.makeStream(&copy, 1));
    OK(sim.makeEvent(&consumed, 2));
    const float first[] = {1, 2};
    const float second[] = {50, 60};
    OK(sim.memcpy(in, first, kBytes, 1));
    std::memcpy(next, second, kBytes);
  }
  ~OneBuffer() {
    OK(sim.free(in));
    OK(sim.free(out));
    OK(sim.freeHost(next));
    OK(sim.destroyEvent(consumed));
    OK(sim.destroyStream(compute));
    OK(sim.destroyStream(copy));
  }
  OneBuffer(const OneBuffer&) = delete;
  OneBuffer& operator=(const OneBuffer&) = delete;
  void copyNext() const { OK(sim.memcpyAsync(in, next, kBytes, 1, copy)); }
  float answer() const {
    float y[2] = {};
    OK(sim.synchronize(compute));
    OK(sim.synchronize(copy));
    OK(sim.memcpy(y, out, kBytes, 2));
    return y[0];
  }

  static constexpr size_t kBytes = 2 * sizeof(float);
  const Loaded& sim;
  void* in = nullptr;
  void* out = nullptr;
  void* next = nullptr;
  trt::Stream compute = nullptr;
  trt::Stream copy = nullptr;
  trt::Event consumed = nullptr;
};

// What was recorded of events, as "begin compute", in their order.
std::vector<std::string> happened(const Loaded& sim) {
  std::vector<std::string> list;
  const std::string json = sim.json("events");
  const auto value = [&](const char* key, size_t from) {
    const size_t begin = json.find(key, from) + std::strlen(key);
    return json.substr(begin, json.find('"', begin) - begin);
  };
  for (size_t at = json.find("{\"what\""); at != std::string::npos; at = json.find("{\"what\"", at + 1)) {
    list.push_back(value("\"what\":\"", at) + " " + value("\"unit\":\"", at));
  }
  return list;
}

size_t count(const std::vector<std::string>& list, const char* what) {
  return static_cast<size_t>(std::count(list.begin(), list.end(), what));
}

}  // namespace

// The one buffer takes the next input while the run goes on, once the run has read the first: by the event, not by luck.
void consumedInputsMayBeOverwritten(const Loaded& sim) {
  std::string plan = build(*sim.library, model(), 1);
  const auto runtime = sim.library->createRuntime();
  const auto engine = runtime->deserialize(plan.data(), plan.size());
  const auto context = engine->createContext(trt::ContextOptions());
  CHECK(context->setInputShape("x", dims(1, 2)));
  CHECK(sim.set("computeNs", "2000000") == 1 && sim.set("events", "1") == 1 && sim.set("resetCounters", "") == 1);
  {
    const OneBuffer buffer(sim);
    CHECK(context->setInputAddress("x", buffer.in) && context->setTensorAddress("y", buffer.out));
    CHECK(sim.set("resetCounters", "") == 1);
    CHECK(context->setInputConsumedEvent(buffer.consumed) && context->enqueue(buffer.compute));
    OK(sim.waitEvent(buffer.copy, buffer.consumed, 0));
    buffer.copyNext();
    CHECK(buffer.answer() == 3);  // [1, 2] · w + [1, 2]
    const std::vector<std::string> order = happened(sim);
    const auto copied = std::find(order.begin(), order.end(), "end copyIn");
    CHECK(std::count(order.begin(), copied, "end compute") == 1 && count(order, "end compute") == 2);
    CHECK(sim.json("violations") == "{}");

    CHECK(sim.set("hold", "2") == 1 && sim.set("resetCounters", "") == 1);
    OK(sim.memcpy(buffer.in, "\0\0\0\0\0\0\0", OneBuffer::kBytes, 1));
    CHECK(context->enqueue(buffer.compute));
    while (count(happened(sim), "begin compute") == 0) std::this_thread::yield();
    buffer.copyNext();  // without waiting for the event
    CHECK(sim.set("hold", "0") == 1);
    (void)buffer.answer();
    CHECK(number(sim.json("violations"), "inputChanged") != 0);
    CHECK(context->setInputConsumedEvent(nullptr));
  }
  CHECK(sim.set("computeNs", "0") == 1 && sim.set("events", "0") == 1 && sim.set("resetCounters", "") == 1);
}

}  // namespace sim_test
