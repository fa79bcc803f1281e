// SPDX-License-Identifier: Apache-2.0
// The simulated TensorRT: native/tensorrt/abi.h from the other side, once for each shape. What is declared there and not
// implemented here ends the process with the name of the slot, so that a call into it cannot go unnoticed.
#ifndef TENSORRT_NODE_SIM_SHAPE_H_
#define TENSORRT_NODE_SIM_SHAPE_H_

#include <atomic>
#include <memory>
#include <string>

#include "../bridge.h"
#include "../plan.h"

namespace sim {
[[noreturn]] void unimplemented(const char* slot);
Bridge& bridge();
const Version& libraryVersion();
}  // namespace sim

#define TRT_PURE                               \
  {                                            \
    ::sim::unimplemented(__PRETTY_FUNCTION__); \
  }
#define TRT_SKIP(name) \
  virtual void name() { ::sim::unimplemented(#name); }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "../../tensorrt/abi.h"
#pragma GCC diagnostic pop

#define SIM_EXPORT extern "C" __attribute__((visibility("default")))

// Counts a call of TensorRT's; not 0: it has to fail.
#define SIM_TRT(name)                                               \
  ([]() -> int {                                                    \
    static ::sim::Counter& counted = ::sim::bridge().counter(name); \
    return counted.next();                                          \
  }())

namespace TRT_NS {

// A public object that owns what is behind it, and is counted while it lives.
template <class V, class I = Handle<V>>
class Owned : public I {
 public:
  Owned(V* impl, const char* kind) : I(impl), live_(sim::bridge().live(kind)) { ++live_; }
  ~Owned() override {
    delete this->impl_;
    --live_;
  }

 private:
  std::atomic<int64_t>& live_;
};

class MemoryImpl : public VHostMemory {
 public:
  explicit MemoryImpl(std::vector<char> bytes) : bytes_(std::move(bytes)) {}
  void* data() const noexcept override { return const_cast<char*>(bytes_.data()); }
  size_t size() const noexcept override { return bytes_.size(); }
  DataType type() const noexcept override { return DataType::kINT8; }

 private:
  std::vector<char> bytes_;
};

inline IHostMemory* blob(std::vector<char> bytes) {
  return new Owned<VHostMemory>(new MemoryImpl(std::move(bytes)), "blobs");
}

// The first logger that the library sees is the one it keeps, for ever.
ILogger* keepLogger(void* logger, const char* caller);
ILogger* logger();
void say(Severity severity, const std::string& text);
// An error line, followed on a machine without a driver by the one that has nothing to do with it.
void complain(const std::string& text);

inline Dims64 toDims(const sim::Shape& shape) {
  Dims64 dims{static_cast<int32_t>(shape.size()), {}};
  for (size_t i = 0; i < shape.size() && i < 8; ++i) dims.d[i] = shape[i];
  return dims;
}

inline sim::Shape toShape(const Dims64& dims) {
  return dims.nbDims < 0 ? sim::Shape() : sim::Shape(dims.d, dims.d + std::min(dims.nbDims, 8));
}

constexpr Dims64 kNoDims{-1, {}};

std::string show(const sim::Shape& shape);  // "[1,320,320,4]"

IPluginRegistry* registry();

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_SIM_SHAPE_H_
