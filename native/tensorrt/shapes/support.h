// SPDX-License-Identifier: Apache-2.0
// What every adapter of this shape uses: pointers that may be bogus, versions that may lack a slot, names of
// enumerators. Included by the shape_*.cc only, through library.h.
#ifndef TENSORRT_NODE_TENSORRT_SHAPES_SUPPORT_H_
#define TENSORRT_NODE_TENSORRT_SHAPES_SUPPORT_H_

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "error.h"
#include "tensorrt/abi.h"
#include "tensorrt/trt.h"

namespace TRT_NS {

using trtn::Error;

// Cast, not mapped: the shape-independent enums carry NVIDIA's values.
static_assert(static_cast<int32_t>(trt::DataType::kFloat) == static_cast<int32_t>(DataType::kFLOAT) &&
              static_cast<int32_t>(trt::DataType::kHalf) == static_cast<int32_t>(DataType::kHALF) &&
              static_cast<int32_t>(trt::DataType::kInt8) == static_cast<int32_t>(DataType::kINT8) &&
              static_cast<int32_t>(trt::DataType::kInt32) == static_cast<int32_t>(DataType::kINT32) &&
              static_cast<int32_t>(trt::DataType::kBool) == static_cast<int32_t>(DataType::kBOOL) &&
              static_cast<int32_t>(trt::DataType::kUint8) == static_cast<int32_t>(DataType::kUINT8) &&
              static_cast<int32_t>(trt::DataType::kFp8) == static_cast<int32_t>(DataType::kFP8) &&
              static_cast<int32_t>(trt::DataType::kBf16) == static_cast<int32_t>(DataType::kBF16) &&
              static_cast<int32_t>(trt::DataType::kInt64) == static_cast<int32_t>(DataType::kINT64) &&
              static_cast<int32_t>(trt::DataType::kInt4) == static_cast<int32_t>(DataType::kINT4) &&
              static_cast<int32_t>(trt::DataType::kFp4) == static_cast<int32_t>(DataType::kFP4) &&
              static_cast<int32_t>(trt::DataType::kE8m0) == static_cast<int32_t>(DataType::kE8M0));
static_assert(static_cast<int32_t>(trt::Selector::kMin) == static_cast<int32_t>(OptProfileSelector::kMIN) &&
              static_cast<int32_t>(trt::Selector::kOpt) == static_cast<int32_t>(OptProfileSelector::kOPT) &&
              static_cast<int32_t>(trt::Selector::kMax) == static_cast<int32_t>(OptProfileSelector::kMAX));
using Strategy = ExecutionContextAllocationStrategy;
static_assert(static_cast<int32_t>(trt::Allocation::kStatic) == static_cast<int32_t>(Strategy::kSTATIC) &&
              static_cast<int32_t>(trt::Allocation::kOnProfileChange) ==
                  static_cast<int32_t>(Strategy::kON_PROFILE_CHANGE) &&
              static_cast<int32_t>(trt::Allocation::kUserManaged) == static_cast<int32_t>(Strategy::kUSER_MANAGED));

// Without a driver TensorRT's factories return small numbers that are not null (0x228, 0x238 were seen).
template <typename T>
T* valid(T* pointer) noexcept {
  return reinterpret_cast<uintptr_t>(pointer) < 4096 ? nullptr : pointer;
}

template <typename T>
std::unique_ptr<T> own(T* pointer) noexcept {
  return std::unique_ptr<T>(valid(pointer));
}

inline std::string text(const char* given) { return valid(given) == nullptr ? std::string() : std::string(given); }

inline trt::Dims toDims(const Dims64& given) noexcept {
  static_assert(sizeof(trt::Dims) == sizeof(Dims64), "copied whole");
  trt::Dims dims;
  std::memcpy(static_cast<void*>(&dims), &given, sizeof dims);
  return dims;
}

inline Dims64 fromDims(const trt::Dims& given) noexcept {
  Dims64 dims;
  std::memcpy(&dims, &given, sizeof dims);
  return dims;
}

inline OptProfileSelector selector(trt::Selector which) noexcept { return static_cast<OptProfileSelector>(which); }

inline std::string describe(const trt::Version& version) {
  return std::string(version.rtx ? "TensorRT-RTX " : "TensorRT ") + std::to_string(version.major) + "." +
         std::to_string(version.minor) + "." + std::to_string(version.patch);
}

constexpr int kNever = 1 << 20;

// The minor version that brought something, in TensorRT 10, in TensorRT 11, in TensorRT-RTX 1. 0: it was always there.
struct Since {
  int ten = 0;
  int eleven = 0;
  int rtx = 0;
  constexpr int here() const noexcept { return TRT_RTX ? rtx : TRT_GEN == 10 ? ten : eleven; }
};

constexpr int kMajor = TRT_RTX ? 1 : TRT_GEN;

inline bool has(const trt::Version& version, Since since) noexcept {
  return since.here() != kNever && version.atLeast(kMajor, since.here());
}

// @throws Error(BACKEND_UNSUPPORTED) when this library is older than what is asked of it.
inline void need(const trt::Version& version, const std::string& what, Since since) {
  if (has(version, since)) return;
  const std::string family = TRT_RTX ? "TensorRT-RTX" : "TensorRT";
  const std::string wanted =
      since.here() == kNever ? "another kind or generation of TensorRT"
                             : family + " " + std::to_string(kMajor) + "." + std::to_string(since.here()) + " or later";
  throw Error(BACKEND_UNSUPPORTED, what + " needs " + wanted + "; this is " + describe(version) + ".");
}

[[noreturn]] inline void unsupported(const trt::Version& version, const std::string& what, const char* where) {
  throw Error(BACKEND_UNSUPPORTED, what + " needs " + where + "; this is " + describe(version) + ".");
}

// An entry point that the loaded libraries do not have.
[[noreturn]] inline void absent(const char* what, const char* library) {
  throw Error(BACKEND_UNAVAILABLE, std::string(what) + " needs " + library +
                                       ", which is not loaded. Install it, or give its path in the options; "
                                       "`tensorrt-node doctor` shows where it was looked for.");
}

// NVIDIA's enumerators by name, without the k: their numbers differ between the shapes; only names leave this folder.
struct Name {
  const char* name;
  int32_t value;
  Since since;
};

template <typename E>
constexpr Name named(const char* name, E value, Since since = {}) {
  return {name, static_cast<int32_t>(value), since};
}

template <size_t N>
std::string join(const Name (&table)[N], const trt::Version& version) {
  std::string all;
  for (const Name& entry : table)
    if (has(version, entry.since)) all += (all.empty() ? "" : ", ") + std::string(entry.name);
  return all;
}

template <size_t N>
int32_t lookUp(const Name (&table)[N], std::string_view name, const char* kind, const trt::Version& version) {
  for (const Name& entry : table) {
    if (name != entry.name) continue;
    need(version, std::string(kind) + " " + entry.name, entry.since);
    return entry.value;
  }
  throw Error(BACKEND_INVALID_ARGUMENT, "Expected a " + std::string(kind) + " of " + describe(version) + " (" +
                                            join(table, version) + ") but received \"" + std::string(name) + "\".");
}

class BlobAdapter final : public trt::Blob {
 public:
  explicit BlobAdapter(std::unique_ptr<IHostMemory> memory) : memory_(std::move(memory)) {}
  const void* data() const noexcept override { return (*memory_)->data(); }
  size_t size() const noexcept override { return (*memory_)->size(); }

 private:
  std::unique_ptr<IHostMemory> memory_;
};

inline std::unique_ptr<trt::Blob> blob(IHostMemory* memory) {
  std::unique_ptr<IHostMemory> owned = own(memory);
  if (owned == nullptr || valid((*owned)->data()) == nullptr) return nullptr;
  return std::make_unique<BlobAdapter>(std::move(owned));
}

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_SHAPES_SUPPORT_H_
