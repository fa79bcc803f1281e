// SPDX-License-Identifier: Apache-2.0
// Records, opaque types, and the objects that the library hands out. Included by abi.h only.
#ifndef TENSORRT_NODE_TENSORRT_ABI_TYPES_H_
#define TENSORRT_NODE_TENSORRT_ABI_TYPES_H_

#include <cstddef>
#include <cstdint>

// CUDA's handles: opaque, and the same type whoever declares them.
struct CUstream_st;
struct CUevent_st;
using cudaStream_t = struct CUstream_st*;
using cudaEvent_t = struct CUevent_st*;

namespace TRT_NS {

struct Dims64 {
  static constexpr int32_t kMax = 8;
  int32_t nbDims;  // -1: not known
  int64_t d[kMax];
};

enum class DataType : int32_t;

struct Weights {
  DataType type;
  const void* values;
  int64_t count;
};

struct InterfaceInfo {
  const char* kind;
  int32_t major;
  int32_t minor;
};

// First in 10.8.
struct TimingCacheKey {
  uint8_t data[16];
};

// First in 10.8.
struct TimingCacheValue {
  uint64_t tacticHash;  // UINT64_MAX: none
  float timingMSec;
};

static_assert(sizeof(Dims64) == 72 && sizeof(Weights) == 24 && sizeof(InterfaceInfo) == 16, "by-value records");

// The base of every table; its destructor is why each begins with two slots (one with MSVC).
class VRoot {
 public:
  virtual ~VRoot() = default;
};

// A public object: a vtable with nothing but the destructor, then the pointer to the table that does the work. Deleting
// it goes through the library's destructor, which frees both.
template <class V>
class Handle {
 public:
  explicit Handle(V* impl) noexcept : impl_(impl) {}
  virtual ~Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  V* operator->() const noexcept { return impl_; }
  V* table() const noexcept { return impl_; }

 protected:
  V* impl_;
};

class VBuilder;
class VBuilderConfig;
class VCudaEngine;
class VEngineInspector;
class VExecutionContext;
class VHostMemory;
class VLayer;
class VNetworkDefinition;
class VOptimizationProfile;
class VRefitter;
class VRuntime;
class VRuntimeCache;
class VRuntimeConfig;
class VSerializationConfig;
class VTensor;
class VTimingCache;

using IBuilder = Handle<VBuilder>;
using ICudaEngine = Handle<VCudaEngine>;
using IEngineInspector = Handle<VEngineInspector>;
using IExecutionContext = Handle<VExecutionContext>;
using IHostMemory = Handle<VHostMemory>;
using ILayer = Handle<VLayer>;  // a concrete layer keeps its own table behind this
using IOptimizationProfile = Handle<VOptimizationProfile>;
using IRefitter = Handle<VRefitter>;
using IRuntime = Handle<VRuntime>;
using IRuntimeConfig = Handle<VRuntimeConfig>;  // 10.11
#if TRT_RTX
using IRuntimeCache = Handle<VRuntimeCache>;
#endif
using ISerializationConfig = Handle<VSerializationConfig>;
using ITensor = Handle<VTensor>;
using ITimingCache = Handle<VTimingCache>;

// The two that have one slot more than the destructor's.
class INetworkDefinition : public Handle<VNetworkDefinition> {
 public:
  using Handle::Handle;
  virtual IBuilder& getBuilder() const noexcept TRT_PURE;
};

class IBuilderConfig : public Handle<VBuilderConfig> {
 public:
  using Handle::Handle;
  virtual void setAvgTimingIterations(int32_t count) noexcept TRT_PURE;
};

// Never opened here.
class IInt8Calibrator;
class IPluginCreator;
class IPluginCreatorInterface;
class IPluginResource;
class IRefitterObserver;

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_ABI_TYPES_H_
