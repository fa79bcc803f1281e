// SPDX-License-Identifier: Apache-2.0
// What every CUDA function does first and last.
#ifndef TENSORRT_NODE_SIM_CUDA_ENTRY_H_
#define TENSORRT_NODE_SIM_CUDA_ENTRY_H_

#include "control.h"
#include "cuda_codes.h"
#include "scheduler.h"
#include "state.h"

#define SIM_EXPORT extern "C" __attribute__((visibility("default")))

struct CUstream_st;
struct CUevent_st;
struct CUgraph_st;
struct CUgraphExec_st;
struct CUgraphNode_st;
struct CUmemPoolHandle_st;

namespace sim {

// A code that is returned is also what cudaGetLastError tells this thread.
inline int failed(int code) {
  if (code != kSuccess && code != kNotReady) lastError() = code;
  return code;
}

bool isSticky(int code);

// `fault`: what SIM_COUNT said. Not 0: return it, having touched no output.
int enter(int fault);

// For calls that may block: they have no business on the thread that runs JavaScript.
void mayBlock(const char* call);

// Calls that a capture on this thread (or a global one anywhere) forbids. Breaks the capture and answers 900.
int forbiddenInCapture();

// With the lock held. A null handle is the default stream of the current device; not a stream: null.
StreamPtr streamOf(CUstream_st* stream);
EventPtr eventOf(CUevent_st* event);

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_CUDA_ENTRY_H_
