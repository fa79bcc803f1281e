// SPDX-License-Identifier: Apache-2.0
// The calls of the CUDA runtime that we make, as data: a table of pointers, a resolver and a simulator are made of it.
//
// Declared by ourselves: handles are opaque pointers, enums and flags are ints. Only calls whose signature is the same in
// libcudart 12 and 13 are here (cudaGraphInstantiate, cudaStreamGetCaptureInfo, cudaMemAdvise and cudaMemPrefetchAsync
// changed).
#ifndef TENSORRT_NODE_CUDA_CALLS_H_
#define TENSORRT_NODE_CUDA_CALLS_H_

#include <cstddef>

struct CUstream_st;
struct CUevent_st;
struct CUgraph_st;
struct CUgraphExec_st;
struct CUgraphNode_st;
struct CUmemPoolHandle_st;

namespace trt {

using Stream = CUstream_st*;
using Event = CUevent_st*;
using CudaGraph = CUgraph_st*;
using CudaGraphExec = CUgraphExec_st*;
using CudaGraphNode = CUgraphNode_st*;
using CudaMemPool = CUmemPoolHandle_st*;
using CudaHostFn = void (*)(void*);

// CALL(name, parameters): each returns cudaError_t, an int. A library without one of these is refused.
#define TRT_CUDA_REQUIRED(CALL)                                                                      \
  CALL(RuntimeGetVersion, (int* version))                                                            \
  CALL(DriverGetVersion, (int* version))                                                             \
  CALL(GetDeviceCount, (int* count))                                                                 \
  CALL(GetDevice, (int* device))                                                                     \
  CALL(SetDevice, (int device))                                                                      \
  CALL(DeviceGetAttribute, (int* value, int attribute, int device))                                  \
  CALL(DeviceGetPCIBusId, (char* text, int capacity, int device))                                    \
  CALL(DeviceGetStreamPriorityRange, (int* least, int* greatest))                                    \
  CALL(DeviceSynchronize, ())                                                                        \
  CALL(DeviceReset, ())                                                                              \
  CALL(MemGetInfo, (size_t* free, size_t* total))                                                    \
  CALL(GetLastError, ())                                                                             \
  CALL(PeekAtLastError, ())                                                                          \
  CALL(Malloc, (void** memory, size_t bytes))                                                        \
  CALL(Free, (void* memory))                                                                         \
  CALL(HostAlloc, (void** memory, size_t bytes, unsigned flags))                                     \
  CALL(FreeHost, (void* memory))                                                                     \
  CALL(Memcpy, (void* to, const void* from, size_t bytes, int kind))                                 \
  CALL(MemcpyAsync, (void* to, const void* from, size_t bytes, int kind, Stream stream))             \
  CALL(MemsetAsync, (void* memory, int value, size_t bytes, Stream stream))                          \
  CALL(StreamCreateWithFlags, (Stream * stream, unsigned flags))                                     \
  CALL(StreamCreateWithPriority, (Stream * stream, unsigned flags, int priority))                    \
  CALL(StreamDestroy, (Stream stream))                                                               \
  CALL(StreamSynchronize, (Stream stream))                                                           \
  CALL(StreamQuery, (Stream stream))                                                                 \
  CALL(StreamWaitEvent, (Stream stream, Event event, unsigned flags))                                \
  CALL(StreamBeginCapture, (Stream stream, int mode))                                                \
  CALL(StreamEndCapture, (Stream stream, CudaGraph * graph))                                         \
  CALL(StreamIsCapturing, (Stream stream, int* status))                                              \
  CALL(EventCreateWithFlags, (Event * event, unsigned flags))                                        \
  CALL(EventRecord, (Event event, Stream stream))                                                    \
  CALL(EventQuery, (Event event))                                                                    \
  CALL(EventSynchronize, (Event event))                                                              \
  CALL(EventElapsedTime, (float* ms, Event from, Event to))                                          \
  CALL(EventDestroy, (Event event))                                                                  \
  CALL(GraphInstantiateWithFlags, (CudaGraphExec * exec, CudaGraph graph, unsigned long long flags)) \
  CALL(GraphLaunch, (CudaGraphExec exec, Stream stream))                                             \
  CALL(GraphExecDestroy, (CudaGraphExec exec))                                                       \
  CALL(GraphDestroy, (CudaGraph graph))                                                              \
  CALL(GraphGetNodes, (CudaGraph graph, CudaGraphNode * nodes, size_t* count))

// Absent in some library that we serve, or good to have: null when absent.
#define TRT_CUDA_OPTIONAL(CALL)                                             \
  CALL(GetDeviceProperties, (void* properties, int device))                 \
  CALL(GetDeviceProperties_v2, (void* properties, int device))              \
  CALL(EventRecordWithFlags, (Event event, Stream stream, unsigned flags))  \
  CALL(GraphUpload, (CudaGraphExec exec, Stream stream))                    \
  CALL(ThreadExchangeStreamCaptureMode, (int* mode))                        \
  CALL(MallocHost, (void** memory, size_t bytes))                           \
  CALL(HostRegister, (void* memory, size_t bytes, unsigned flags))          \
  CALL(HostUnregister, (void* memory))                                      \
  CALL(HostGetDevicePointer, (void** device, void* host, unsigned flags))   \
  CALL(MallocAsync, (void** memory, size_t bytes, Stream stream))           \
  CALL(FreeAsync, (void* memory, Stream stream))                            \
  CALL(DeviceGetDefaultMemPool, (CudaMemPool * pool, int device))           \
  CALL(MemPoolSetAttribute, (CudaMemPool pool, int attribute, void* value)) \
  CALL(MemPoolTrimTo, (CudaMemPool pool, size_t keep))                      \
  CALL(Memset, (void* memory, int value, size_t bytes))                     \
  CALL(LaunchHostFunc, (Stream stream, CudaHostFn function, void* user))    \
  CALL(ProfilerStart, ())                                                   \
  CALL(ProfilerStop, ())

namespace cuda {

// Values of NVIDIA's enumerations that we pass or compare.
enum ErrorCode : int {
  kSuccess = 0,
  kMemoryAllocation = 2,
  kInitializationError = 3,
  kCudartUnloading = 4,
  kInsufficientDriver = 35,
  kNoDevice = 100,
  kInvalidDevice = 101,
  kEccUncorrectable = 214,
  kNvlinkUncorrectable = 220,
  kContained = 226,
  kIllegalAddress = 700,
  kLaunchTimeout = 702,
  kContextIsDestroyed = 709,
  kAssert = 710,
  kHardwareStackError = 714,
  kIllegalInstruction = 715,
  kMisalignedAddress = 716,
  kInvalidAddressSpace = 717,
  kInvalidPc = 718,
  kLaunchFailure = 719,
  kTensorMemoryLeak = 721,
  kSystemNotReady = 802,
  kSystemDriverMismatch = 803,
  kCompatNotSupported = 804,
  kStreamCaptureUnsupported = 900,
  kStreamCaptureInvalidated = 901,
  kNotReady = 600,
  kUnknown = 999
};
constexpr unsigned kStreamNonBlocking = 1;
constexpr unsigned kEventBlockingSync = 1;
constexpr unsigned kEventDisableTiming = 2;
constexpr unsigned kEventExternal = 1;  // cudaEventRecordExternal, cudaEventWaitExternal: a node of its own in a graph
constexpr unsigned kHostAllocPortable = 1;
constexpr int kHostToDevice = 1;
constexpr int kDeviceToHost = 2;
constexpr int kDeviceToDevice = 3;
constexpr int kCaptureThreadLocal = 1;
constexpr int kAttributeMajor = 75;
constexpr int kAttributeMinor = 76;
constexpr int kAttributeProcessors = 16;
constexpr int kAttributeAsyncEngines = 40;
constexpr int kAttributeIntegrated = 18;
constexpr int kAttributeL2Bytes = 38;
constexpr int kAttributeMemoryPools = 115;

}  // namespace cuda
}  // namespace trt

#endif  // TENSORRT_NODE_CUDA_CALLS_H_
