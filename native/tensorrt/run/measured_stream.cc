// SPDX-License-Identifier: Apache-2.0
#include "measured_stream.h"

#include <algorithm>

#include "error.h"

namespace trt::run {
namespace {

using trtn::Error;

size_t total(const std::vector<SoloContext::Buffer>& list) {
  size_t bytes = 0;
  for (const auto& each : list) bytes += each.port->on_host ? 0 : each.bytes;
  return bytes;
}

}  // namespace

double ms_since(MeasureClock::time_point begin) {
  return std::chrono::duration<double, std::milli>(MeasureClock::now() - begin).count();
}

MeasuredStream::MeasuredStream(Model& model, const MeasureOptions& options, const JsonValue* shapes)
    : device_(model.device()), cuda_(device_.cuda()), options_(options), solo_(model, options.profile, shapes) {
  in_ = make_stream(cuda_);
  compute_ = make_stream(cuda_);
  out_ = make_stream(cuda_);
  for (MeasuredInFlight& run : runs_) {
    run.buffers = solo_.make_buffers();
    if (options.transfers) {
      run.host_in = make_pinned_memory(cuda_, std::max<size_t>(1, total(run.buffers.inputs)));
      run.host_out = make_pinned_memory(cuda_, std::max<size_t>(1, total(run.buffers.outputs)));
    }
    for (OwnedEvent& mark : run.marks) mark = make_event(cuda_, options.spin ? 0 : cuda::kEventBlockingSync);
    solo_.use(run.buffers);
    if (options.graph) capture(run);
    if (!options.overlap) break;
  }
}

MeasuredStream::~MeasuredStream() {
  for (const auto* stream : {&in_, &compute_, &out_}) (void)cuda_.StreamSynchronize(stream->get());
}

void MeasuredStream::query(const MeasureStart& start) {
  MeasuredInFlight& run = runs_[next_];
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

double MeasuredStream::sync(const MeasureStart& start, std::vector<MeasuredRun>& samples) {
  MeasuredInFlight& run = runs_[next_];
  if (!run.active) return 0;
  const MeasureMark last = options_.transfers ? kOutE : kComputeE;
  device_.check(cuda_.EventSynchronize(run.marks[last].get()), "cudaEventSynchronize");
  samples.push_back(sample(run, start));
  run.active = false;
  return static_cast<double>(samples.back().device[2]);
}

void MeasuredStream::sync_all(const MeasureStart& start, std::vector<MeasuredRun>& samples) {
  for (size_t i = 0; i < runs_.size(); ++i) {
    (void)sync(start, samples);
    advance();
  }
}

void MeasuredStream::record(MeasuredInFlight& run, MeasureMark mark, const OwnedStream& stream) {
  device_.check(cuda_.EventRecord(run.marks[mark].get(), stream.get()), "cudaEventRecord");
}

void MeasuredStream::wait(MeasuredInFlight& run, MeasureMark mark, const OwnedStream& stream) {
  device_.check(cuda_.StreamWaitEvent(stream.get(), run.marks[mark].get(), 0), "cudaStreamWaitEvent");
}

void MeasuredStream::copy(const std::vector<SoloContext::Buffer>& list, void* host, int kind,
                          const OwnedStream& stream) {
  size_t at = 0;
  for (const auto& each : list) {
    if (each.port->on_host || each.bytes == 0) continue;
    char* const there = static_cast<char*>(host) + at;
    const bool in = kind == cuda::kHostToDevice;
    device_.check(cuda_.MemcpyAsync(in ? each.device : there, in ? there : each.device, each.bytes, kind, stream.get()),
                  "cudaMemcpyAsync");
    at += each.bytes;
  }
}

void MeasuredStream::launch(MeasuredInFlight& run) {
  if (run.graph) {
    device_.check(cuda_.GraphLaunch(run.graph.get(), compute_.get()), "cudaGraphLaunch");
    return;
  }
  if (options_.overlap) solo_.use(run.buffers);
  enqueue();
}

void MeasuredStream::enqueue() {
  if (!solo_.context().enqueue(compute_.get())) solo_.refuse("to execute");
}

void MeasuredStream::capture(MeasuredInFlight& run) {
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

MeasuredRun MeasuredStream::sample(MeasuredInFlight& run, const MeasureStart& start) {
  const auto at = [&](MeasureMark mark) {
    float ms = 0;
    device_.check(cuda_.EventElapsedTime(&ms, start.device.get(), run.marks[mark].get()), "cudaEventElapsedTime");
    return ms;
  };
  const float from = at(kComputeS);
  const float to = at(kComputeE);
  if (!options_.transfers) return {run.enqueue, {from, from, from, to, to, to}};
  return {run.enqueue, {at(kInS), at(kInE), from, to, at(kOutS), at(kOutE)}};
}

}  // namespace trt::run
