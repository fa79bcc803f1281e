// SPDX-License-Identifier: Apache-2.0
// One stream of the measuring loop (measure.cc): a context, and two runs under way.
#ifndef TENSORRT_NODE_RUN_MEASURED_STREAM_H_
#define TENSORRT_NODE_RUN_MEASURED_STREAM_H_

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "solo_context.h"

namespace trt::run {

using MeasureClock = std::chrono::steady_clock;

struct MeasureOptions {
  int streams, profile, iterations, warm_up_ms, duration_ms, idle_ms, sleep_ms;
  bool overlap, spin, graph, transfers;
};

// Milliseconds since the start, as trtexec's --exportTimes has them.
struct MeasuredRun {
  std::array<double, 2> enqueue;
  std::array<float, 6> device;  // copy in, compute, copy out: each from, to
};

// What all streams share.
struct MeasureStart {
  OwnedEvent device;
  MeasureClock::time_point host;
};

// Events of a run.
enum MeasureMark { kInS, kInE, kComputeS, kComputeE, kOutS, kOutE, kMarks };

struct MeasuredInFlight {
  SoloContext::Buffers buffers;
  PinnedMemory host_in, host_out;
  std::array<OwnedEvent, kMarks> marks;
  OwnedGraphExec graph;
  std::array<double, 2> enqueue{};
  bool active = false;
};

double ms_since(MeasureClock::time_point begin);

class MeasuredStream {
 public:
  MeasuredStream(Model& model, const MeasureOptions& options, const JsonValue* shapes);

  ~MeasuredStream();

  const std::string& why_no_graph() const { return why_no_graph_; }
  Stream compute_stream() const { return compute_.get(); }
  Stream in_stream() const { return in_.get(); }

  void query(const MeasureStart& start);

  // Waits for the oldest run, if there are as many as may be under way. @returns when it began to compute; 0: none waited for
  double sync(const MeasureStart& start, std::vector<MeasuredRun>& samples);

  void sync_all(const MeasureStart& start, std::vector<MeasuredRun>& samples);

 private:
  void advance() { next_ = options_.overlap ? 1 - next_ : 0; }

  void record(MeasuredInFlight& run, MeasureMark mark, const OwnedStream& stream);
  void wait(MeasuredInFlight& run, MeasureMark mark, const OwnedStream& stream);

  void copy(const std::vector<SoloContext::Buffer>& list, void* host, int kind, const OwnedStream& stream);

  void launch(MeasuredInFlight& run);
  void enqueue();

  // After an ordinary run, since the first of new shapes does what no graph may hold. As trtexec: without one if it fails.
  void capture(MeasuredInFlight& run);

  MeasuredRun sample(MeasuredInFlight& run, const MeasureStart& start);

  Device& device_;
  const Cuda& cuda_;
  const MeasureOptions& options_;
  SoloContext solo_;
  OwnedStream in_, compute_, out_;
  std::array<MeasuredInFlight, 2> runs_;
  size_t next_ = 0;
  std::string why_no_graph_;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_MEASURED_STREAM_H_
