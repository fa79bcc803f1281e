// SPDX-License-Identifier: Apache-2.0
// The classes that we implement and the library calls: from any thread, several at once. Included by abi.h only.
#ifndef TENSORRT_NODE_TENSORRT_ABI_USER_H_
#define TENSORRT_NODE_TENSORRT_ABI_USER_H_

namespace TRT_NS {

// Language, information and the destructor's slots come before the methods of the derived class.
class IVersionedInterface {
 public:
  virtual APILanguage getAPILanguage() const noexcept { return APILanguage::kCPP; }
  virtual InterfaceInfo getInterfaceInfo() const noexcept = 0;
  virtual ~IVersionedInterface() = default;
};

// Must outlive everything made with it, in effect the process. Versioned since generation 11: creating anything with a
// logger of the wrong generation crashes at its first message.
#if TRT_GEN == 11
class ILogger : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"ILogger", 1, 0}; }
#else
class ILogger {
 public:
#endif
  virtual void log(Severity severity, const char* text) noexcept = 0;
#if TRT_GEN == 10
  virtual ~ILogger() = default;
#endif
};

#if TRT_GEN == 11
class IProfiler : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IProfiler", 1, 0}; }
#else
class IProfiler {
 public:
#endif
  virtual void reportLayerTime(const char* layer, float milliseconds) noexcept = 0;
#if TRT_GEN == 10
  virtual ~IProfiler() = default;
#endif
};

class IErrorRecorder : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IErrorRecorder", 1, 0}; }
  virtual int32_t getNbErrors() const noexcept = 0;
  virtual ErrorCode getErrorCode(int32_t index) const noexcept = 0;
  virtual const char* getErrorDesc(int32_t index) const noexcept = 0;
  virtual bool hasOverflowed() const noexcept = 0;
  virtual void clear() noexcept = 0;
  virtual bool reportError(ErrorCode code, const char* text) noexcept = 0;
  virtual int32_t incRefCount() noexcept = 0;
  virtual int32_t decRefCount() noexcept = 0;
};

class IProgressMonitor : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IProgressMonitor", 1, 0}; }
  virtual void phaseStart(const char* phase, const char* parent, int32_t steps) noexcept = 0;
  virtual bool stepComplete(const char* phase, int32_t step) noexcept = 0;  // false: cancel the build
  virtual void phaseFinish(const char* phase) noexcept = 0;
};

// A null result is "out of memory". Sizes may be 0 (null is then no failure); `alignment` is a power of two or 0.
class IGpuAllocator : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IGpuAllocator", 1, 0}; }
  virtual void* allocate(uint64_t size, uint64_t alignment, uint32_t flags) noexcept = 0;
  virtual void* reallocate(void*, uint64_t /*alignment*/, uint64_t /*size*/) noexcept { return nullptr; }
  virtual bool deallocate(void* memory) noexcept = 0;
  virtual void* allocateAsync(uint64_t size, uint64_t alignment, uint32_t flags, cudaStream_t stream) noexcept = 0;
  virtual bool deallocateAsync(void* memory, cudaStream_t stream) noexcept = 0;
};

// The same table: what an implementation derives from when only the stream-ordered forms are its own.
class IGpuAsyncAllocator : public IGpuAllocator {
 public:
  void* allocate(uint64_t size, uint64_t alignment, uint32_t flags) noexcept override {
    return allocateAsync(size, alignment, flags, nullptr);
  }
  bool deallocate(void* memory) noexcept override { return deallocateAsync(memory, nullptr); }
};

// For outputs whose shape is known only after the run. Not noexcept in NVIDIA's, yet nothing may be thrown from here.
class IOutputAllocator : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IOutputAllocator", 1, 0}; }
#if !TRT_RTX
  virtual void* reallocateOutput(const char*, void*, uint64_t, uint64_t) noexcept { return nullptr; }  // the old form
#endif
  virtual void* reallocateOutputAsync(const char* tensor, void* memory, uint64_t size, uint64_t alignment,
                                      cudaStream_t stream) noexcept = 0;
  virtual void notifyShape(const char* tensor, const Dims64& dims) noexcept = 0;
};

class IDebugListener : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IDebugListener", 1, 0}; }
  virtual bool processDebugTensor(const void* data, TensorLocation location, DataType type, const Dims64& shape,
                                  const char* name, cudaStream_t stream) noexcept = 0;
};

class IStreamReader : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IStreamReader", 1, 0}; }
  virtual int64_t read(void* target, int64_t size) noexcept = 0;
};

// First in 10.7. `target` may be device memory, then written on `stream`.
class IStreamReaderV2 : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IStreamReaderV2", 1, 0}; }
  virtual int64_t read(void* target, int64_t size, cudaStream_t stream) noexcept = 0;
  virtual bool seek(int64_t offset, SeekPosition from) noexcept = 0;
};

// First in 10.13. A short write is not reported as a failure by every version: the writer remembers it itself.
class IStreamWriter : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IStreamWriter", 1, 0}; }
  virtual int64_t write(const void* data, int64_t size) noexcept = 0;
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_ABI_USER_H_
