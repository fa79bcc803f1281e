// SPDX-License-Identifier: Apache-2.0
// A closed loop on the device as trtexec has it (samples/common/sampleInference.cpp): for each stream a context, one CUDA
// stream each for copies in, computing and copies out, and two runs under way, so that copies overlap computing. All times
// are told by events against one that was recorded before the first run; that of enqueueing by the host's clock.
#include <algorithm>
#include <chrono>
#include <thread>

#include "controls.h"
#include "error.h"
#include "json.h"
#include "measured_stream.h"

namespace trt::run {
namespace {

using trtn::Error;
using trtn::JsonWriter;

constexpr int kMostMs = 24 * 3600 * 1000;

bool flag(const JsonValue& arguments, const char* key, bool otherwise) {
  const JsonValue* value = arguments.find(key);
  if (value == nullptr) return otherwise;
  if (value->kind != JsonValue::Kind::kBoolean)
    throw Error(BACKEND_INVALID_ARGUMENT, std::string("Expected true or false for '") + key + "'.");
  return value->boolean;
}

MeasureOptions read_options(const Model& model, const JsonValue& arguments) {
  const auto number = [&](const char* key, int otherwise, int least, int most) {
    return integer_argument(arguments, key, otherwise, least, most);
  };
  return {number("streams", 1, 1, 1024),          number("profile", 0, 0, std::max(0, model.io().profiles() - 1)),
          number("iterations", 10, 1, 1 << 30),   number("warmUpMs", 200, 0, kMostMs),
          number("durationMs", 3000, 0, kMostMs), number("idleMs", 0, 0, kMostMs),
          number("sleepMs", 0, 0, kMostMs),       flag(arguments, "overlap", true),
          flag(arguments, "spin", false),         flag(arguments, "graph", true),
          flag(arguments, "transfers", true)};
}

using Streams = std::vector<std::unique_ptr<MeasuredStream>>;

void sleep_ms(void* ms) { std::this_thread::sleep_for(std::chrono::milliseconds(*static_cast<const int*>(ms))); }

// Nothing computes before the pause has ended, while runs are enqueued already.
void begin(Device& device, const MeasureOptions& options, Streams& streams, const OwnedStream& main,
           MeasureStart& start) {
  const Cuda& cuda = device.cuda();
  if (options.sleep_ms > 0) {
    if (cuda.LaunchHostFunc == nullptr)
      throw Error(BACKEND_UNSUPPORTED,
                  "This CUDA runtime has no cudaLaunchHostFunc, which a pause before computing needs.");
    device.check(cuda.LaunchHostFunc(main.get(), sleep_ms, const_cast<int*>(&options.sleep_ms)), "cudaLaunchHostFunc");
  }
  start.device = make_event(cuda, options.spin ? 0 : cuda::kEventBlockingSync);
  start.host = MeasureClock::now();
  device.check(cuda.EventRecord(start.device.get(), main.get()), "cudaEventRecord");
  for (const auto& stream : streams) {
    for (const Stream each : {stream->in_stream(), stream->compute_stream()})
      device.check(cuda.StreamWaitEvent(each, start.device.get(), 0), "cudaStreamWaitEvent");
  }
}

// trtexec's rule: both the iterations and the time, warm-up not counted.
void loop(const MeasureOptions& options, Streams& streams, const MeasureStart& start,
          std::vector<MeasuredRun>& samples) {
  double spent = 0;
  int skipped = 0;
  for (int i = 0; i < options.iterations + skipped || spent < options.duration_ms + options.warm_up_ms; ++i) {
    for (const auto& stream : streams) stream->query(start);
    for (const auto& stream : streams) spent = std::max(spent, stream->sync(start, samples));
    if (spent < options.warm_up_ms) {
      if (spent > 0) ++skipped;
      continue;
    }
    if (options.idle_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(options.idle_ms));
  }
  for (const auto& stream : streams) stream->sync_all(start, samples);
}

std::string text_of(double ms) {
  char text[32];
  return {text, static_cast<size_t>(std::snprintf(text, sizeof text, "%.6f", ms))};
}

std::string report(const Streams& streams, std::vector<MeasuredRun>& samples) {
  const auto before = [](const MeasuredRun& a, const MeasuredRun& b) { return a.device[0] < b.device[0]; };
  std::sort(samples.begin(), samples.end(), before);
  JsonWriter json;
  json.begin_object().key("whyNoGraph").text_or_null(streams.front()->why_no_graph()).key("samples").begin_array();
  for (const MeasuredRun& each : samples) {
    json.begin_array();
    for (const double ms : each.enqueue) json.raw(text_of(ms));
    for (const float ms : each.device) json.raw(text_of(static_cast<double>(ms)));
    json.end_array();
  }
  return json.end_array().end_object().str();
}

}  // namespace

std::string measure(Model& model, const JsonValue& arguments) {
  const MeasureOptions options = read_options(model, arguments);
  const OwnedStream main = make_stream(model.device().cuda());
  const std::lock_guard<std::mutex> lock(model.mutex());  // no refit meanwhile, and nobody who would be measured too
  MeasureStart start;
  std::vector<MeasuredRun> samples;
  Streams streams;
  for (int i = 0; i < options.streams; ++i)
    streams.push_back(std::make_unique<MeasuredStream>(model, options, arguments.find("shapes")));
  begin(model.device(), options, streams, main, start);
  loop(options, streams, start, samples);
  return report(streams, samples);
}

}  // namespace trt::run
