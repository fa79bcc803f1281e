// SPDX-License-Identifier: Apache-2.0
// One TensorRT library, whatever its version: all that the rest of the backend sees of it. Implemented once for each ABI
// shape (shapes/), because the vtables behind it differ; nothing above this header knows a slot, a raw enum value that
// changed between majors, or a minor version in which a call appeared.
//
// Rules for the implementations:
// - A null (or bogus: below 4096) pointer from TensorRT never gets out: a factory returns nullptr, the reason is in the log.
// - What this version of the library cannot do throws Error(BACKEND_UNSUPPORTED, "… needs TensorRT 10.3 or later; this is 10.1").
// - Names (flags, pools, sources) are NVIDIA's enumerators without the k: "STRIP_PLAN". An unknown one throws
//   Error(BACKEND_INVALID_ARGUMENT) with the names that this version has.
// - A setter returns what the library says; `config` values are read back by the caller.
// - Objects are freed before those that made them: Context before Engine before Runtime; everything before Library.
// - Functions marked noexcept are called on the hot path and allocate nothing.
#ifndef TENSORRT_NODE_TRT_H_
#define TENSORRT_NODE_TRT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct CUstream_st;
struct CUevent_st;

namespace trt {

using Stream = CUstream_st*;
using Event = CUevent_st*;

enum class Shape { k10, k11, kRtx10, kRtx11 };

struct Version {
  int major = 0;
  int minor = 0;
  int patch = 0;
  int build = 0;
  bool rtx = false;
  bool atLeast(int wantedMajor, int wantedMinor) const noexcept {
    return major != wantedMajor ? major > wantedMajor : minor >= wantedMinor;
  }
};

// Same layout as NVIDIA's Dims64. rank -1: unknown or an error.
struct Dims {
  int32_t rank = 0;
  int64_t d[8] = {};
};

// NVIDIA's DataType values; equal in all versions that have them.
enum class DataType : int32_t {
  kFloat = 0,
  kHalf = 1,
  kInt8 = 2,
  kInt32 = 3,
  kBool = 4,
  kUint8 = 5,
  kFp8 = 6,
  kBf16 = 7,
  kInt64 = 8,
  kInt4 = 9,
  kFp4 = 10,
  kE8m0 = 11
};

enum class Selector : int32_t { kMin = 0, kOpt = 1, kMax = 2 };

// ---- What TensorRT calls. Implemented above this header; must outlive the object they were given to. ----

class Progress {  // may be called from several threads of the builder
 public:
  virtual ~Progress() = default;
  virtual void start(const char* phase, const char* parent, int32_t steps) noexcept = 0;
  virtual bool step(const char* phase, int32_t step) noexcept = 0;  // false: stop the build
  virtual void finish(const char* phase) noexcept = 0;
};

class LayerTimes {
 public:
  virtual ~LayerTimes() = default;
  virtual void report(const char* layer, float ms) noexcept = 0;
};

class OutputAllocator {  // for outputs whose shape depends on data
 public:
  virtual ~OutputAllocator() = default;
  // Stream-ordered. `bytes` is never 0. nullptr: no memory.
  virtual void* reallocate(const char* tensor, void* memory, uint64_t bytes, uint64_t alignment,
                           Stream stream) noexcept = 0;
  virtual void notifyShape(const char* tensor, const Dims& dims) noexcept = 0;
};

// ---- Building ----

class Blob {  // memory of the library
 public:
  virtual ~Blob() = default;
  virtual const void* data() const noexcept = 0;
  virtual size_t size() const noexcept = 0;
};

class Profile {
 public:
  virtual ~Profile() = default;
  virtual bool setDimensions(const char* input, Selector which, const Dims& dims) = 0;
  virtual bool setValues(const char* input, Selector which, const std::vector<int64_t>& values) = 0;  // shape tensor
  virtual bool isValid() const = 0;
};

class TimingCache {
 public:
  virtual ~TimingCache() = default;
  virtual bool combine(const TimingCache& other, bool ignoreMismatch) = 0;
  virtual std::unique_ptr<Blob> serialize() const = 0;
};

struct TensorFacts {
  std::string name;
  Dims dims;
  DataType type = DataType::kFloat;
  bool isShape = false;
};

class Network {
 public:
  virtual ~Network() = default;
  virtual int32_t layers() const = 0;
  virtual int32_t inputs() const = 0;
  virtual int32_t outputs() const = 0;
  virtual TensorFacts input(int32_t index) const = 0;
  virtual TensorFacts output(int32_t index) const = 0;
  virtual bool setName(const char* name) = 0;
};

// Integer settings of a builder configuration. kRuntimePlatform … kDlaCore carry NVIDIA's enumerator values, equal everywhere.
enum class Setting {
  kOptimizationLevel,
  kAvgTimingIterations,
  kMaxAuxStreams,
  kProfilingVerbosity,     // 0 layer names, 1 none, 2 detailed
  kHardwareCompatibility,  // 0 none, 1 Ampere and later, 2 same compute capability
  kRuntimePlatform,        // 0 as built, 1 Windows x86-64
  kMaxTactics,
  kTilingLevel,
  kL2LimitForTiling,
  kEngineCapability,   // 0 standard, 1 safety, 2 DLA standalone
  kDefaultDeviceType,  // 0 GPU, 1 DLA
  kDlaCore
};

class BuilderConfig {
 public:
  virtual ~BuilderConfig() = default;
  virtual void setFlag(std::string_view flag, bool on) = 0;
  virtual bool flag(std::string_view flag) const = 0;
  virtual void setMemoryPool(std::string_view pool, uint64_t bytes) = 0;
  virtual uint64_t memoryPool(std::string_view pool) const = 0;
  virtual void set(Setting setting, int64_t value) = 0;
  virtual int64_t get(Setting setting) const = 0;
  virtual bool setTacticSources(const std::vector<std::string>& sources) = 0;  // exactly these
  virtual std::vector<std::string> tacticSources() const = 0;
  virtual void setPreview(std::string_view feature, bool on) = 0;
  virtual bool preview(std::string_view feature) const = 0;
  virtual int32_t addProfile(const Profile& profile) = 0;  // its index; negative: refused
  virtual std::unique_ptr<TimingCache> createTimingCache(const void* data, size_t bytes) const = 0;
  virtual bool setTimingCache(const TimingCache& cache, bool ignoreMismatch) = 0;  // the cache outlives the build
  virtual void setProgress(Progress* progress) = 0;
  virtual void setProfileStream(Stream stream) = 0;
  virtual void setPluginsToSerialize(const std::vector<std::string>& paths) = 0;
  virtual void setComputeCapabilities(const std::vector<int32_t>& sm) = 0;  // RTX: 75, 86 …; read back inside
};

struct ParserError {
  int32_t code = 0;
  std::string description;
  std::string file;
  std::string function;
  int32_t line = 0;
  int32_t node = -1;
  std::string nodeName;
  std::string nodeOperator;
  std::vector<std::string> localFunctions;  // outermost first
};

class Parser {
 public:
  virtual ~Parser() = default;
  virtual void setFlag(std::string_view flag, bool on) = 0;
  // `path` (may be null): where external data is looked for. `data` must not be null, whatever `bytes` is.
  virtual bool parse(const void* data, size_t bytes, const char* path) = 0;
  virtual bool parseFile(const char* path) = 0;
  virtual std::vector<ParserError> errors() const = 0;
  virtual std::vector<std::string> usedVersionCompatiblePlugins() const = 0;
};

class Builder {
 public:
  virtual ~Builder() = default;
  virtual std::unique_ptr<Network> createNetwork() = 0;  // strongly typed
  virtual std::unique_ptr<BuilderConfig> createConfig() = 0;
  virtual std::unique_ptr<Profile> createProfile() = 0;  // belongs to the builder
  virtual std::unique_ptr<Parser> createParser(Network& network) = 0;
  virtual bool setMaxThreads(int32_t threads) = 0;
  virtual int32_t dlaCores() const = 0;
  virtual bool loadPluginLibrary(const char* path) = 0;
  virtual std::unique_ptr<Blob> build(Network& network, BuilderConfig& config) = 0;
};

// ---- Running ----

class Context {
 public:
  virtual ~Context() = default;
  virtual bool setProfile(int32_t index, Stream stream) noexcept = 0;
  virtual int32_t profile() const noexcept = 0;
  virtual bool setInputShape(const char* name, const Dims& dims) noexcept = 0;
  virtual Dims tensorShape(const char* name) const noexcept = 0;
  virtual bool setTensorAddress(const char* name, void* address) noexcept = 0;
  virtual bool setInputAddress(const char* name, const void* address) noexcept = 0;
  virtual bool setOutputAllocator(const char* name, OutputAllocator* allocator) = 0;  // nullptr: none
  virtual int64_t maxOutputSize(const char* name) const noexcept = 0;                 // bytes; -1: unknown
  // Names of inputs that still lack a shape or values, at most `capacity`. @returns how many there are; negative: an error.
  virtual int32_t inferShapes(const char** missing, int32_t capacity) noexcept = 0;
  virtual bool setInputConsumedEvent(Event event) noexcept = 0;  // nullptr: none
  virtual bool enqueue(Stream stream) noexcept = 0;
  virtual void setLayerTimes(LayerTimes* times) = 0;  // nullptr: none
  virtual void setEnqueueEmitsProfile(bool on) noexcept = 0;
  virtual bool reportToProfiler() noexcept = 0;
  virtual uint64_t updateDeviceMemorySizeForShapes() noexcept = 0;
  virtual void setDeviceMemory(void* memory, int64_t bytes) = 0;
  virtual bool setNvtxVerbosity(int32_t verbosity) noexcept = 0;
  virtual bool setAuxStreams(Stream* streams, int32_t count) = 0;
  virtual bool streamCapturable(Stream stream) noexcept = 0;  // true where the library cannot tell
};

class RuntimeCache {  // RTX: kernels compiled at load time
 public:
  virtual ~RuntimeCache() = default;
  virtual bool load(const void* data, size_t bytes) = 0;
  virtual std::unique_ptr<Blob> serialize() const = 0;
};

enum class Allocation : int32_t { kStatic = 0, kOnProfileChange = 1, kUserManaged = 2 };

struct ContextOptions {
  Allocation allocation = Allocation::kStatic;
  RuntimeCache* runtimeCache = nullptr;      // RTX only
  int32_t dynamicShapesSpecialization = -1;  // RTX: 0 lazy, 1 eager, 2 none; -1: as the library does
  int32_t cudaGraphStrategy = -1;            // RTX: 0 disabled, 1 whole graph; -1: as the library does
};

class Refitter {
 public:
  virtual ~Refitter() = default;
  virtual bool setWeights(const char* name, DataType type, const void* data, int64_t count) = 0;
  virtual std::vector<std::string> missing() = 0;
  virtual std::vector<std::string> all() = 0;
  virtual bool refit(Stream stream) = 0;
  virtual bool refitFromOnnx(const void* data, size_t bytes, const char* path, std::vector<ParserError>* errors) = 0;
};

struct TensorFormat {
  int32_t format = 0;  // 0: linear
  std::string description;
  int32_t bytesPerComponent = -1;
  int32_t componentsPerElement = -1;
  int32_t vectorizedDim = -1;
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual int32_t tensors() const = 0;
  virtual std::string tensorName(int32_t index) const = 0;
  virtual bool isInput(const char* name) const = 0;
  virtual DataType type(const char* name) const = 0;
  virtual Dims shape(const char* name) const = 0;
  virtual bool onHost(const char* name) const = 0;
  virtual bool isShapeTensor(const char* name) const = 0;  // isShapeInferenceIO
  virtual TensorFormat format(const char* name, int32_t profile) const = 0;
  virtual std::string aliasedInput(const char* output) const = 0;  // "": none, or a version without aliases
  virtual int32_t profiles() const = 0;
  virtual Dims profileShape(const char* input, int32_t profile, Selector which) const = 0;
  virtual std::vector<int64_t> profileValues(const char* input, int32_t profile,
                                             Selector which) const = 0;  // shape tensors
  virtual std::unique_ptr<Context> createContext(const ContextOptions& options) = 0;
  virtual std::unique_ptr<RuntimeCache> createRuntimeCache() = 0;  // RTX only
  virtual std::unique_ptr<Refitter> createRefitter() = 0;
  virtual std::string name() const = 0;
  virtual int32_t layers() const = 0;
  virtual int32_t auxStreams() const = 0;
  virtual bool refittable() const = 0;
  virtual int64_t deviceMemorySize() const = 0;
  virtual int64_t deviceMemorySize(int32_t profile) const = 0;
  virtual int64_t streamableWeights() const = 0;
  virtual int64_t weightStreamingBudget() const = 0;
  virtual int64_t weightStreamingAutomaticBudget() const = 0;
  virtual bool setWeightStreamingBudget(int64_t bytes) = 0;
  virtual int32_t hardwareCompatibility() const = 0;
  virtual std::string inspect() = 0;  // JSON of the engine inspector
  virtual std::unique_ptr<Blob> serialize() = 0;
};

class Runtime {
 public:
  virtual ~Runtime() = default;
  virtual std::unique_ptr<Engine> deserialize(const void* plan, size_t bytes) = 0;
  virtual void setHostCodeAllowed(bool allowed) = 0;
  virtual bool setMaxThreads(int32_t threads) = 0;
  virtual void setDlaCore(int32_t core) = 0;
  virtual int32_t dlaCores() const = 0;
  virtual void setTemporaryDirectory(const char* path) = 0;
  virtual bool loadPluginLibrary(const char* path) = 0;
  virtual std::unique_ptr<Runtime> loadRuntime(const char* path) = 0;  // a lean runtime for version-compatible plans
};

// ---- The library ----

// Functions that the shared libraries export; null where a library is absent (a machine that only runs has no parser).
struct EntryPoints {
  void* (*createInferBuilder)(void* logger, int32_t version) = nullptr;
  void* (*createInferRuntime)(void* logger, int32_t version) = nullptr;
  void* (*createInferRefitter)(void* engine, void* logger, int32_t version) = nullptr;
  void* (*createParser)(void* network, void* logger, int32_t version) = nullptr;
  void* (*createParserRefitter)(void* refitter, void* logger, int32_t version) = nullptr;
  void* (*pluginRegistry)() = nullptr;
  bool (*initPlugins)(void* logger, const char* libraryNamespace) = nullptr;  // libnvinfer_plugin; RTX has none
};

class Library {
 public:
  virtual ~Library() = default;
  virtual const Version& version() const noexcept = 0;
  virtual std::unique_ptr<Builder> createBuilder() = 0;
  virtual std::unique_ptr<Runtime> createRuntime() = 0;
  virtual bool initPlugins() = 0;
};

// The shape must be that of the library: a wrong one crashes. See shapeOf().
std::unique_ptr<Library> makeLibrary(Shape shape, const EntryPoints& entries, const Version& version);

// @throws Error(BACKEND_UNSUPPORTED): a major, or an RTX minor, that nobody has proven. `tryAnyway` takes the newest shape.
Shape shapeOf(const Version& version, bool tryAnyway);

// Every message of every TensorRT library in this process ends here, on any thread (logging.cc); each shape has one
// ILogger that calls it, leaked on purpose: libraries keep the first logger they see for ever.
// `severity` is NVIDIA's: 0 internal error, 1 error, 2 warning, 3 information, 4 verbose.
void routeLog(int32_t severity, const char* text) noexcept;

}  // namespace trt

#endif  // TENSORRT_NODE_TRT_H_
