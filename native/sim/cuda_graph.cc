// SPDX-License-Identifier: Apache-2.0
// libcudart: capture and graphs. A graph runs its nodes one after another, in the order of their capture.
#include "cuda_entry.h"
#include "work.h"

using namespace sim;

namespace {

std::shared_ptr<Graph> graphOf(const std::unordered_map<void*, std::shared_ptr<Graph>>& all, void* handle) {
  const auto found = all.find(handle);
  return found == all.end() ? nullptr : found->second;
}

void endCapture(const StreamPtr& origin, const std::shared_ptr<Capture>& capture) {
  for (auto& entry : gpu().streams) {
    if (entry.second->capture == capture) entry.second->capture = nullptr;
  }
  origin->capture = nullptr;
  for (auto& entry : gpu().events) {
    if (entry.second->capture == capture) entry.second->capturedIn = nullptr;
  }
  capture->ended = true;
  if (capture->mode == 0) --gpu().globalCaptures;
  if (threadCapture() == capture) threadCapture() = nullptr;
}

bool joined(const Capture& capture) {
  for (const auto& fork : capture.forks) {
    if (fork.second) return false;
  }
  return true;
}

int destroy(std::unordered_map<void*, std::shared_ptr<Graph>>& all, void* handle, const char* kind) {
  const Locked lock(gpu().lock);
  if (all.erase(handle) == 0) {
    violation("unknownHandle", std::string("destroyed something that is not among the ") + kind);
    return kInvalidValue;
  }
  --live(kind);
  return kSuccess;
}

}  // namespace

SIM_EXPORT int cudaStreamBeginCapture(CUstream_st* handle, int mode) {
  if (const int code = enter(SIM_COUNT("cudaStreamBeginCapture"))) return code;
  const Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  if (!stream || mode < 0 || mode > 2) return failed(stream ? kInvalidValue : kInvalidResourceHandle);
  if (handle == nullptr) return failed(kCaptureUnsupported);  // the legacy stream cannot be captured
  if (stream->capture) return failed(kInvalidValue);
  const auto capture = std::make_shared<Capture>();
  capture->origin = stream.get();
  capture->thread = std::this_thread::get_id();
  capture->mode = mode;
  stream->capture = capture;
  threadCapture() = capture;
  if (mode == 0) ++gpu().globalCaptures;
  return kSuccess;
}

SIM_EXPORT int cudaStreamEndCapture(CUstream_st* handle, CUgraph_st** out) {
  const int fault = SIM_COUNT("cudaStreamEndCapture");
  *out = nullptr;
  Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  if (!stream) return failed(kInvalidResourceHandle);
  const std::shared_ptr<Capture> capture = stream->capture;
  if (!capture || capture->origin != stream.get()) return failed(capture ? kCaptureUnmatched : kInvalidValue);
  if (capture->mode != 2 && capture->thread != std::this_thread::get_id()) return failed(kCaptureWrongThread);
  endCapture(stream, capture);
  lock.unlock();
  if (const int code = enter(fault)) return code;
  if (capture->invalid) return failed(kCaptureInvalidated);
  if (!joined(*capture)) return failed(kCaptureUnjoined);
  lock.lock();
  const auto graph = std::make_shared<Graph>();
  graph->nodes = capture->nodes;
  graph->device = stream->device;
  gpu().graphs[graph.get()] = graph;
  ++live("graphs");
  *out = reinterpret_cast<CUgraph_st*>(graph.get());
  return kSuccess;
}

SIM_EXPORT int cudaStreamIsCapturing(CUstream_st* handle, int* status) {
  if (const int code = enter(SIM_COUNT("cudaStreamIsCapturing"))) return code;
  const Locked lock(gpu().lock);
  const StreamPtr stream = streamOf(handle);
  if (!stream) return failed(kInvalidResourceHandle);
  *status = !stream->capture ? 0 : (stream->capture->invalid ? 2 : 1);
  return kSuccess;
}

SIM_EXPORT int cudaThreadExchangeStreamCaptureMode(int* mode) {
  if (const int code = enter(SIM_COUNT("cudaThreadExchangeStreamCaptureMode"))) return code;
  __attribute__((tls_model("initial-exec"))) static thread_local int current = 0;
  if (*mode < 0 || *mode > 2) return failed(kInvalidValue);
  std::swap(current, *mode);
  return kSuccess;
}

SIM_EXPORT int cudaGraphGetNodes(CUgraph_st* handle, CUgraphNode_st** nodes, size_t* count) {
  if (const int code = enter(SIM_COUNT("cudaGraphGetNodes"))) return code;
  const Locked lock(gpu().lock);
  const std::shared_ptr<Graph> graph = graphOf(gpu().graphs, handle);
  if (!graph) return failed(kInvalidValue);
  for (size_t i = 0; nodes != nullptr && i < std::min(*count, graph->nodes.size()); ++i) {
    nodes[i] = reinterpret_cast<CUgraphNode_st*>(graph->nodes[i].get());
  }
  *count = graph->nodes.size();
  return kSuccess;
}

SIM_EXPORT int cudaGraphInstantiateWithFlags(CUgraphExec_st** out, CUgraph_st* handle, unsigned long long /*flags*/) {
  if (const int code = enter(SIM_COUNT("cudaGraphInstantiateWithFlags"))) return code;
  const Locked lock(gpu().lock);
  const std::shared_ptr<Graph> graph = graphOf(gpu().graphs, handle);
  if (!graph) return failed(kInvalidValue);
  const auto exec = std::make_shared<Graph>(*graph);
  gpu().execs[exec.get()] = exec;
  ++live("graphExecs");
  *out = reinterpret_cast<CUgraphExec_st*>(exec.get());
  return kSuccess;
}

SIM_EXPORT int cudaGraphUpload(CUgraphExec_st* handle, CUstream_st* streamHandle) {
  if (const int code = enter(SIM_COUNT("cudaGraphUpload"))) return code;
  const Locked lock(gpu().lock);
  return failed(graphOf(gpu().execs, handle) && streamOf(streamHandle) ? kSuccess : kInvalidValue);
}

SIM_EXPORT int cudaGraphLaunch(CUgraphExec_st* handle, CUstream_st* streamHandle) {
  if (const int code = enter(SIM_COUNT("cudaGraphLaunch"))) return code;
  const Locked lock(gpu().lock);
  const std::shared_ptr<Graph> exec = graphOf(gpu().execs, handle);
  const StreamPtr stream = streamOf(streamHandle);
  if (!exec || !stream) return failed(exec ? kInvalidResourceHandle : kInvalidValue);
  if (exec->device != stream->device) {
    violation("wrongDevice", "a graph was launched on a stream of another device");
    return failed(kInvalidValue);
  }
  for (const WorkPtr& node : exec->nodes) {
    if (const int code = give(stream, node)) return failed(code);
    // A node that failed at once has lost the device; the rest must not run.
    if (gpu().devices[static_cast<size_t>(stream->device)].sticky != 0) break;
  }
  return kSuccess;
}

SIM_EXPORT int cudaGraphExecDestroy(CUgraphExec_st* handle) {
  const int fault = SIM_COUNT("cudaGraphExecDestroy");
  if (settings().driver != 0) return enter(fault);
  const int code = destroy(gpu().execs, handle, "graphExecs");
  const int before = enter(fault);
  return before != kSuccess ? before : failed(code);
}

SIM_EXPORT int cudaGraphDestroy(CUgraph_st* handle) {
  const int fault = SIM_COUNT("cudaGraphDestroy");
  if (settings().driver != 0) return enter(fault);
  const int code = destroy(gpu().graphs, handle, "graphs");
  const int before = enter(fault);
  return before != kSuccess ? before : failed(code);
}
