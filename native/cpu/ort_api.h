// SPDX-License-Identifier: Apache-2.0
// The part of ONNX Runtime's C API that this backend calls, declared by us: the table of function pointers that
// OrtGetApiBase()->GetApi(version) returns only ever grows at its end, so a slot number and a signature are all it takes.
// No header of ONNX Runtime is needed at build time, and any library from API version 17 on can be used.
// Each entry: slot, the API version that added it, its name there, its type. cpu_backend_test.cc exercises every one.
#ifndef TENSORRT_NODE_CPU_ORT_API_H_
#define TENSORRT_NODE_CPU_ORT_API_H_

#include <cstddef>
#include <cstdint>
#include <memory>

namespace trtn::cpu::ort {

inline constexpr uint32_t kOldestApi = 17;
inline constexpr uint32_t kNewestApi = 24;  // the newest version of which a function is used below

struct Env;
struct Status;  // null: success
struct MemoryInfo;
struct Session;
struct Value;
struct RunOptions;
struct TypeInfo;
struct TensorInfo;  // OrtTensorTypeAndShapeInfo
struct SessionOptions;
struct ModelMetadata;
struct Allocator;

enum ErrorCode : int32_t {
  kFail = 1,
  kInvalidArgument = 2,
  kNoSuchFile = 3,
  kNoModel = 4,
  kEngineError = 5,
  kRuntimeException = 6,
  kInvalidProtobuf = 7,
  kModelLoaded = 8,
  kNotImplemented = 9,
  kInvalidGraph = 10,
  kEpFail = 11,
  kModelLoadCancelled = 12
};

enum LoggingLevel : int32_t { kVerbose = 0, kInfo = 1, kWarning = 2, kError = 3, kFatal = 4 };
enum OptimizationLevel : int32_t { kDisableAll = 0, kEnableBasic = 1, kEnableExtended = 2, kEnableAll = 99 };
enum OnnxType : int32_t {
  kUnknown = 0,
  kTensor = 1,
  kSequence = 2,
  kMap = 3,
  kOpaque = 4,
  kSparseTensor = 5,
  kOptional = 6
};
enum AllocatorType : int32_t { kDeviceAllocator = 0 };
enum MemoryType : int32_t { kDefaultMemory = 0 };

using LoggingFunction = void (*)(void* param, LoggingLevel severity, const char* category, const char* log_id,
                                 const char* code_location, const char* message);

// clang-format off
#define TRTN_ORT_FUNCTIONS(X)                                                                                          \
  X(1, 17, GetErrorCode, ErrorCode(const Status*))                                                                     \
  X(2, 17, GetErrorMessage, const char*(const Status*))                                                                \
  X(4, 17, CreateEnvWithCustomLogger, Status*(LoggingFunction, void*, LoggingLevel, const char*, Env**))               \
  X(6, 17, DisableTelemetryEvents, Status*(const Env*))                                                                \
  X(8, 17, CreateSessionFromArray, Status*(const Env*, const void*, size_t, const SessionOptions*, Session**))         \
  X(9, 17, Run, Status*(Session*, const RunOptions*, const char* const*, const Value* const*, size_t,                  \
                        const char* const*, size_t, Value**))                                                          \
  X(10, 17, CreateSessionOptions, Status*(SessionOptions**))                                                           \
  X(11, 17, SetOptimizedModelFilePath, Status*(SessionOptions*, const char*))                                          \
  X(17, 17, DisableMemPattern, Status*(SessionOptions*))                                                               \
  X(19, 17, DisableCpuMemArena, Status*(SessionOptions*))                                                              \
  X(23, 17, SetSessionGraphOptimizationLevel, Status*(SessionOptions*, OptimizationLevel))                             \
  X(24, 17, SetIntraOpNumThreads, Status*(SessionOptions*, int))                                                       \
  X(30, 17, SessionGetInputCount, Status*(const Session*, size_t*))                                                    \
  X(31, 17, SessionGetOutputCount, Status*(const Session*, size_t*))                                                   \
  X(33, 17, SessionGetInputTypeInfo, Status*(const Session*, size_t, TypeInfo**))                                      \
  X(34, 17, SessionGetOutputTypeInfo, Status*(const Session*, size_t, TypeInfo**))                                     \
  X(36, 17, SessionGetInputName, Status*(const Session*, size_t, Allocator*, char**))                                  \
  X(37, 17, SessionGetOutputName, Status*(const Session*, size_t, Allocator*, char**))                                 \
  X(39, 17, CreateRunOptions, Status*(RunOptions**))                                                                   \
  X(46, 17, RunOptionsSetTerminate, Status*(RunOptions*))                                                              \
  X(47, 17, RunOptionsUnsetTerminate, Status*(RunOptions*))                                                            \
  X(49, 17, CreateTensorWithDataAsOrtValue, Status*(const MemoryInfo*, void*, size_t, const int64_t*, size_t,          \
                                                    int32_t, Value**))                                                 \
  X(51, 17, GetTensorMutableData, Status*(Value*, void**))                                                             \
  X(55, 17, CastTypeInfoToTensorInfo, Status*(const TypeInfo*, const TensorInfo**))                                    \
  X(56, 17, GetOnnxTypeFromTypeInfo, Status*(const TypeInfo*, OnnxType*))                                              \
  X(60, 17, GetTensorElementType, Status*(const TensorInfo*, int32_t*))                                                \
  X(61, 17, GetDimensionsCount, Status*(const TensorInfo*, size_t*))                                                   \
  X(62, 17, GetDimensions, Status*(const TensorInfo*, int64_t*, size_t))                                               \
  X(63, 17, GetSymbolicDimensions, Status*(const TensorInfo*, const char**, size_t))                                   \
  X(65, 17, GetTensorTypeAndShape, Status*(const Value*, TensorInfo**))                                                \
  X(69, 17, CreateCpuMemoryInfo, Status*(AllocatorType, MemoryType, MemoryInfo**))                                     \
  X(76, 17, AllocatorFree, Status*(Allocator*, void*))                                                                 \
  X(78, 17, GetAllocatorWithDefaultOptions, Status*(Allocator**))                                                      \
  X(93, 17, ReleaseStatus, void(Status*))                                                                              \
  X(95, 17, ReleaseSession, void(Session*))                                                                            \
  X(96, 17, ReleaseValue, void(Value*))                                                                                \
  X(97, 17, ReleaseRunOptions, void(RunOptions*))                                                                      \
  X(98, 17, ReleaseTypeInfo, void(TypeInfo*))                                                                          \
  X(99, 17, ReleaseTensorTypeAndShapeInfo, void(TensorInfo*))                                                          \
  X(100, 17, ReleaseSessionOptions, void(SessionOptions*))                                                             \
  X(111, 17, SessionGetModelMetadata, Status*(const Session*, ModelMetadata**))                                        \
  X(112, 17, ModelMetadataGetProducerName, Status*(const ModelMetadata*, Allocator*, char**))                          \
  X(113, 17, ModelMetadataGetGraphName, Status*(const ModelMetadata*, Allocator*, char**))                             \
  X(114, 17, ModelMetadataGetDomain, Status*(const ModelMetadata*, Allocator*, char**))                                \
  X(115, 17, ModelMetadataGetDescription, Status*(const ModelMetadata*, Allocator*, char**))                           \
  X(116, 17, ModelMetadataLookupCustomMetadataMap, Status*(const ModelMetadata*, Allocator*, const char*, char**))     \
  X(117, 17, ModelMetadataGetVersion, Status*(const ModelMetadata*, int64_t*))                                         \
  X(118, 17, ReleaseModelMetadata, void(ModelMetadata*))                                                               \
  X(123, 17, ModelMetadataGetCustomMetadataMapKeys, Status*(const ModelMetadata*, Allocator*, char***, int64_t*))      \
  X(130, 17, AddSessionConfigEntry, Status*(SessionOptions*, const char*, const char*))                                \
  X(293, 22, SessionOptionsSetLoadCancellationFlag, Status*(SessionOptions*, bool))                                    \
  X(390, 24, TensorTypeAndShape_HasShape, bool(const TensorInfo*))
// clang-format on

// Null where the library is older than the function.
struct Api {
  uint32_t version;
#define TRTN_ORT_MEMBER(slot, since, name, ...) std::add_pointer_t<__VA_ARGS__> name;
  TRTN_ORT_FUNCTIONS(TRTN_ORT_MEMBER)
#undef TRTN_ORT_MEMBER
};

// `table`: what GetApi(version) returned.
inline Api bind(const void* table, uint32_t version) {
  const auto* slots = static_cast<void* const*>(table);
  Api api{};
  api.version = version;
#define TRTN_ORT_BIND(slot, since, name, ...) \
  if (version >= (since)) api.name = reinterpret_cast<std::add_pointer_t<__VA_ARGS__>>(slots[slot]);
  TRTN_ORT_FUNCTIONS(TRTN_ORT_BIND)
#undef TRTN_ORT_BIND
  return api;
}

// Exported under the name OrtGetApiBase. Asking GetApi for a version that is too new prints to stderr: never do.
struct ApiBase {
  const void* (*GetApi)(uint32_t version);
  const char* (*GetVersionString)();
};

// The one owner of an object of ONNX Runtime: Owned<Session> session(raw, {api.ReleaseSession}).
template <typename T>
struct Releaser {
  void (*release)(T*) = nullptr;
  void operator()(T* object) const noexcept { release(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Releaser<T>>;

}  // namespace trtn::cpu::ort

#endif  // TENSORRT_NODE_CPU_ORT_API_H_
