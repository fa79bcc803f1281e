// SPDX-License-Identifier: Apache-2.0
// A closed loop on the device as trtexec has it (samples/common/sampleInference.cpp): for each stream a context, one CUDA
// stream each for copies in, computing and copies out, and two runs under way, so that copies overlap computing. All times
// are told by events against one that was recorded before the first run; that of enqueueing by the host's clock.
#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "controls.h"
#include "error.h"
#include "json.h"
#include "solo_context.h"

namespace trt::run {
namespace {

using Clock = std::chrono::steady_clock;
using trtn::Error;
using trtn::JsonWriter;

constexpr int kMostMs = 24 * 3600 * 1000;

struct Options {
  int streams, profile, iterations, warm_up_ms, duration_ms, idle_ms, sleep_ms;
  bool overlap, spin, graph, transfers;
};

bool flag(const JsonValue& arguments, const char* key, bool otherwise) {
  const JsonValue* value = arguments.find(key);
  if (value == nullptr) return otherwise;
  if (value->kind != JsonValue::Kind::kBoolean)
    throw Error(BACKEND_INVALID_ARGUMENT, std::string("Expected true or false for '") + key + "'.");
  return value->boolean;
}

Options read_options(const Model& model, const JsonValue& arguments) {
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

// Milliseconds since the start, as trtexec's --exportTimes has them.
struct Sample {
  std::array<double, 2> enqueue;
  std::array<float, 6> device;  // copy in, compute, copy out: each from, to
};

// What all streams share.
struct Start {
  OwnedEvent device;
  Clock::time_point host;
};

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

enum Mark { kInS, kInE, kComputeS, kComputeE, kOutS, kOutE, kMarks };

struct InFlight {
  SoloContext::Buffers buffers;
  PinnedMemory host_in, host_out;
  std::array<OwnedEvent, kMarks> marks;
  OwnedGraphExec graph;
  std::array<double, 2> enqueue{};
  bool active = false;
};

size_t total(const std::vector<SoloContext::Buffer>& list) {
  size_t bytes = 0;
  for (const auto& each : list) bytes += each.port->on_host ? 0 : each.bytes;
  return bytes;
}

class MeasuredStream {
 public:
  MeasuredStream(Model& model, const Options& options, const JsonValue* shapes)
      : device_(model.device()), cuda_(device_.cuda()), options_(options), solo_(model, options.profile, shapes) {
    in_ = make_stream(cuda_);
    compute_ = make_stream(cuda_);
    out_ = make_stream(cuda_);
    for (InFlight& run : runs_) {
      run.buffers = solo_.make_buffers();
      if (options.transfers) {
        run.host_in = make_pinned_memory(cuda_, std::max<size_t>(1, total(run.buffers.inputs)));
        run.host_out = make_pinned_memory(cuda_, std::max<size_t>(1, total(run.buffers.outputs)));
      }
      for (OwnedEvent& mark : run.marks) mark = make_event(cuda_, options.spin ? 0 : cuda::kEventBlockingSync);
      if (options.graph) capture(run);
      if (!options.overlap) break;
    }
  }

  ~MeasuredStream() {
    for (const auto* stream : {&in_, &compute_, &out_}) (void)cuda_.StreamSynchronize(stream->get());
  }

  const std::string& why_no_graph() const { return why_no_graph_; }
  Stream compute_stream() const { return compute_.get(); }
  Stream in_stream() const { return in_.get(); }

  void query(const Start& start) {
    InFlight& run = runs_[next_];
    if (run.active) return;
    if (options_.transfers) {
      record(run, kInS, in_);
      copy(run.buffers.inputs, run.host_in.get(), cuda::kHostToDevice, in_);
      record(run, kInE, in_);
      wait(run, kInE, compute_);
    }
    record(run, kComputeS, compute_);
    run.enqueue[0] = ms_since(start.host);
    launch(run);
    run.enqueue[1] = ms_since(start.host);
    record(run, kComputeE, compute_);
    if (options_.transfers) {
      wait(run, kComputeE, out_);
      record(run, kOutS, out_);
      copy(run.buffers.outputs, run.host_out.get(), cuda::kDeviceToHost, out_);
      record(run, kOutE, out_);
    }
    run.active = true;
    advance();
  }

  // Waits for the oldest run, if there are as many as may be under way. @returns when it began to compute; 0: none waited for
  double sync(const Start& start, std::vector<Sample>& samples) {
    InFlight& run = runs_[next_];
    if (!run.active) return 0;
    const Mark last = options_.transfers ? kOutE : kComputeE;
    device_.check(cuda_.EventSynchronize(run.marks[last].get()), "cudaEventSynchronize");
    samples.push_back(sample(run, start));
    run.active = false;
    return static_cast<double>(samples.back().device[2]);
  }

  void sync_all(const Start& start, std::vector<Sample>& samples) {
    for (size_t i = 0; i < runs_.size(); ++i) {
      (void)sync(start, samples);
      advance();
    }
  }

 private:
  void advance() { next_ = options_.overlap ? 1 - next_ : 0; }

  void record(InFlight& run, Mark mark, const OwnedStream& stream) {
    device_.check(cuda_.EventRecord(run.marks[mark].get(), stream.get()), "cudaEventRecord");
  }
  void wait(InFlight& run, Mark mark, const OwnedStream& stream) {
    device_.check(cuda_.StreamWaitEvent(stream.get(), run.marks[mark].get(), 0), "cudaStreamWaitEvent");
  }

  void copy(const std::vector<SoloContext::Buffer>& list, void* host, int kind, const OwnedStream& stream) {
    size_t at = 0;
    for (const auto& each : list) {
      if (each.port->on_host || each.bytes == 0) continue;
      char* const there = static_cast<char*>(host) + at;
      const bool in = kind == cuda::kHostToDevice;
      device_.check(
          cuda_.MemcpyAsync(in ? each.device : there, in ? there : each.device, each.bytes, kind, stream.get()),
          "cudaMemcpyAsync");
      at += each.bytes;
    }
  }

  void launch(InFlight& run) {
    if (run.graph) {
      device_.check(cuda_.GraphLaunch(run.graph.get(), compute_.get()), "cudaGraphLaunch");
      return;
    }
    if (options_.overlap) solo_.use(run.buffers);
    enqueue();
  }
  void enqueue() {
    if (!solo_.context().enqueue(compute_.get())) solo_.refuse("to execute");
  }

  // After an ordinary run, since the first of new shapes does what no graph may hold. As trtexec: without one if it fails.
  void capture(InFlight& run) {
    solo_.use(run.buffers);
    enqueue();
    device_.check(cuda_.StreamSynchronize(compute_.get()), "cudaStreamSynchronize");
    if (!solo_.context().streamCapturable(compute_.get())) {
      why_no_graph_ = "TensorRT says that the engine cannot be captured";
      return;
    }
    CudaGraph graph = nullptr;
    try {
      device_.check(cuda_.StreamBeginCapture(compute_.get(), cuda::kCaptureThreadLocal), "cudaStreamBeginCapture");
      const bool enqueued = solo_.context().enqueue(compute_.get());
      const int ended = cuda_.StreamEndCapture(compute_.get(), &graph);
      const OwnedGraph owned(cuda_, ended == cuda::kSuccess ? graph : nullptr);
      if (!enqueued) solo_.refuse("to be captured");
      device_.check(ended, "cudaStreamEndCapture");
      CudaGraphExec exec = nullptr;
      device_.check(cuda_.GraphInstantiateWithFlags(&exec, graph, 0), "cudaGraphInstantiateWithFlags");
      run.graph = OwnedGraphExec(cuda_, exec);
    } catch (const Error& error) {
      cuda_.clear();
      device_.require_usable();
      why_no_graph_ = error.what();
    }
  }

  Sample sample(InFlight& run, const Start& start) {
    const auto at = [&](Mark mark) {
      float ms = 0;
      device_.check(cuda_.EventElapsedTime(&ms, start.device.get(), run.marks[mark].get()), "cudaEventElapsedTime");
      return ms;
    };
    const float from = at(kComputeS);
    const float to = at(kComputeE);
    if (!options_.transfers) return {run.enqueue, {from, from, from, to, to, to}};
    return {run.enqueue, {at(kInS), at(kInE), from, to, at(kOutS), at(kOutE)}};
  }

  Device& device_;
  const Cuda& cuda_;
  const Options& options_;
  SoloContext solo_;
  OwnedStream in_, compute_, out_;
  std::array<InFlight, 2> runs_;
  size_t next_ = 0;
  std::string why_no_graph_;
};

using Streams = std::vector<std::unique_ptr<MeasuredStream>>;

void sleep_ms(void* ms) { std::this_thread::sleep_for(std::chrono::milliseconds(*static_cast<const int*>(ms))); }

// Nothing computes before the pause has ended, while runs are enqueued already.
void begin(Device& device, const Options& options, Streams& streams, const OwnedStream& main, Start& start) {
  const Cuda& cuda = device.cuda();
  if (options.sleep_ms > 0) {
    if (cuda.LaunchHostFunc == nullptr)
      throw Error(BACKEND_UNSUPPORTED,
                  "This CUDA runtime has no cudaLaunchHostFunc, which a pause before computing needs.");
    device.check(cuda.LaunchHostFunc(main.get(), sleep_ms, const_cast<int*>(&options.sleep_ms)), "cudaLaunchHostFunc");
  }
  start.device = make_event(cuda, options.spin ? 0 : cuda::kEventBlockingSync);
  start.host = Clock::now();
  device.check(cuda.EventRecord(start.device.get(), main.get()), "cudaEventRecord");
  for (const auto& stream : streams) {
    for (const Stream each : {stream->in_stream(), stream->compute_stream()})
      device.check(cuda.StreamWaitEvent(each, start.device.get(), 0), "cudaStreamWaitEvent");
  }
}

// trtexec's rule: both the iterations and the time, warm-up not counted.
void loop(const Options& options, Streams& streams, const Start& start, std::vector<Sample>& samples) {
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

std::string report(const Streams& streams, std::vector<Sample>& samples) {
  const auto before = [](const Sample& a, const Sample& b) { return a.device[0] < b.device[0]; };
  std::sort(samples.begin(), samples.end(), before);
  JsonWriter json;
  json.begin_object().key("whyNoGraph").text_or_null(streams.front()->why_no_graph()).key("samples").begin_array();
  for (const Sample& each : samples) {
    json.begin_array();
    for (const double ms : each.enqueue) json.raw(text_of(ms));
    for (const float ms : each.device) json.raw(text_of(static_cast<double>(ms)));
    json.end_array();
  }
  return json.end_array().end_object().str();
}

}  // namespace

std::string measure(Model& model, const JsonValue& arguments) {
  const Options options = read_options(model, arguments);
  const OwnedStream main = make_stream(model.device().cuda());
  const std::lock_guard<std::mutex> lock(model.mutex());  // no refit meanwhile, and nobody who would be measured too
  Start start;
  std::vector<Sample> samples;
  Streams streams;
  for (int i = 0; i < options.streams; ++i)
    streams.push_back(std::make_unique<MeasuredStream>(model, options, arguments.find("shapes")));
  begin(model.device(), options, streams, main, start);
  loop(options, streams, start, samples);
  return report(streams, samples);
}

}  // namespace trt::run
