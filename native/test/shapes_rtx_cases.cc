// SPDX-License-Identifier: Apache-2.0
// The part of shapes_test that drives real libraries: TensorRT-RTX parses and builds without a GPU.
#include "shapes_rtx_cases.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "check.h"
#include "onnx_writer.h"
#include "shapes_refusal.h"
#include "tensorrt/logging.h"

namespace {

using shapes_test::contains;
using shapes_test::refusal;
using trt::Setting;

void* load(const std::string& path) {
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) std::fprintf(stderr, "%s\n", dlerror());
  CHECK(handle != nullptr);
  return handle;
}

template <typename Function>
void find(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  CHECK(function != nullptr);
}

trt::Version versionOf(void* core, bool rtx) {
  int32_t (*getVersion)() = nullptr;
  find(core, "getInferLibVersion", getVersion);
  trt::Version found;
  found.rtx = rtx;
  found.major = getVersion() / 10000;
  found.minor = getVersion() / 100 % 100;
  found.patch = getVersion() % 100;
  std::printf("%s %d.%d.%d\n", rtx ? "TensorRT-RTX" : "TensorRT", found.major, found.minor, found.patch);
  return found;
}

std::unique_ptr<trt::Library> openLibrary(const std::string& folder) {
  void* const core = load(folder + "/libtensorrt_rtx.so.1");
  void* const parser = load(folder + "/libtensorrt_onnxparser_rtx.so.1");
  trt::EntryPoints entries;
  find(core, "createInferBuilder_INTERNAL", entries.createInferBuilder);
  find(core, "createInferRuntime_INTERNAL", entries.createInferRuntime);
  find(core, "createInferRefitter_INTERNAL", entries.createInferRefitter);
  find(core, "getPluginRegistry", entries.pluginRegistry);
  find(parser, "createNvOnnxParser_INTERNAL", entries.createParser);
  find(parser, "createNvOnnxParserRefitter_INTERNAL", entries.createParserRefitter);
  const trt::Version found = versionOf(core, true);
  return trt::makeLibrary(trt::shapeOf(found, false), entries, found);
}

class CountingProgress final : public trt::Progress {
 public:
  explicit CountingProgress(int32_t stepsUntilStop) : left_(stepsUntilStop) {}
  void start(const char* phase, const char*, int32_t) noexcept override {
    CHECK(phase != nullptr);
    ++starts;
  }
  bool step(const char*, int32_t) noexcept override {
    ++steps;
    return --left_ > 0;
  }
  void finish(const char*) noexcept override { ++finishes; }
  std::atomic<int32_t> starts{0};
  std::atomic<int32_t> steps{0};
  std::atomic<int32_t> finishes{0};

 private:
  std::atomic<int32_t> left_;
};

// y = relu(x * w), x: f32[N, 64], w: f32[64, 64]
std::string productModel() {
  using namespace onnx_writer;
  return model({{node("MatMul", {"x", "w"}, {"p"}), node("Relu", {"p"}, {"y"})},
                {constant<float>("w", kFloat, {64, 64}, std::vector<float>(64 * 64, 0.5F))},
                {value("x", kFloat, {-1, 64})},
                {value("y", kFloat, {-1, 64})}});
}

struct Job {
  std::unique_ptr<trt::Builder> builder;
  std::unique_ptr<trt::Network> network;
  std::unique_ptr<trt::BuilderConfig> config;
  std::unique_ptr<trt::Profile> profile;
  std::unique_ptr<trt::Parser> parser;
};

Job startJob(trt::Library& library) {
  Job job;
  job.builder = library.createBuilder();
  CHECK(job.builder != nullptr);
  job.network = job.builder->createNetwork();
  job.config = job.builder->createConfig();
  job.profile = job.builder->createProfile();
  CHECK(job.network != nullptr && job.config != nullptr && job.profile != nullptr);
  job.parser = job.builder->createParser(*job.network);
  CHECK(job.parser != nullptr);
  return job;
}

void parseProduct(Job& job) {
  const std::string bytes = productModel();
  CHECK(job.parser->parse(bytes.data(), bytes.size(), nullptr));
  CHECK(job.network->inputs() == 1 && job.network->outputs() == 1 && job.network->layers() >= 2);
  const trt::TensorFacts input = job.network->input(0);
  CHECK(input.name == "x" && input.dims.rank == 2 && input.dims.d[0] == -1 && input.dims.d[1] == 64);
  CHECK(input.type == trt::DataType::kFloat && !input.isShape);
  CHECK(job.network->setName("product"));
  CHECK(contains(refusal(BACKEND_INVALID_ARGUMENT, [&] { job.network->input(7); }), "number 7"));
  int64_t rows = 1;
  for (const trt::Selector which : {trt::Selector::kMin, trt::Selector::kOpt, trt::Selector::kMax}) {
    trt::Dims dims;
    dims.rank = 2;
    dims.d[0] = rows;
    dims.d[1] = 64;
    rows *= 2;
    CHECK(job.profile->setDimensions("x", which, dims));
  }
  CHECK(job.profile->isValid());
  CHECK(job.config->addProfile(*job.profile) == 0);
}

void settingsAreReadBack(trt::Library& library) {
  Job job = startJob(library);
  trt::BuilderConfig& config = *job.config;
  const std::pair<Setting, int64_t> wanted[] = {
      {Setting::kOptimizationLevel, 2},     {Setting::kAvgTimingIterations, 3}, {Setting::kMaxAuxStreams, 1},
      {Setting::kProfilingVerbosity, 2},    {Setting::kRuntimePlatform, 0},     {Setting::kMaxTactics, 5},
      {Setting::kHardwareCompatibility, 0}, {Setting::kTilingLevel, 1},         {Setting::kEngineCapability, 0},
      {Setting::kDefaultDeviceType, 0}};
  for (const auto& [setting, number] : wanted) {
    config.set(setting, number);
    CHECK(config.get(setting) == number);
  }
  for (const char* flag : {"DISABLE_TIMING_CACHE", "TF32", "STRICT_NANS", "SPARSE_WEIGHTS", "MONITOR_MEMORY"}) {
    for (const bool on : {true, false}) {
      config.setFlag(flag, on);
      CHECK(config.flag(flag) == on);
    }
  }
  CHECK(contains(refusal(BACKEND_INVALID_ARGUMENT, [&] { config.setFlag("FP16", true); }), "STRIP_PLAN"));
  config.setMemoryPool("WORKSPACE", 64 << 20);
  CHECK(config.memoryPool("WORKSPACE") == 64 << 20);
  CHECK(config.setTacticSources({"JIT_CONVOLUTIONS"}));
  CHECK(config.tacticSources() == std::vector<std::string>{"JIT_CONVOLUTIONS"});
  config.setPreview("RUNTIME_ACTIVATION_RESIZE_10_10", true);
  CHECK(config.preview("RUNTIME_ACTIVATION_RESIZE_10_10"));
  config.setComputeCapabilities({86, 120});
  if (library.version().minor < 5)
    CHECK(contains(refusal(BACKEND_UNSUPPORTED, [&] { config.setComputeCapabilities({121}); }), "1.5 or later"));
  CHECK(contains(refusal(BACKEND_INVALID_ARGUMENT, [&] { config.setComputeCapabilities({77}); }), "75, 80, 86"));
  const auto cache = config.createTimingCache("", 0);
  CHECK(cache != nullptr && config.setTimingCache(*cache, false));
  const auto bytes = cache->serialize();
  CHECK(bytes != nullptr && bytes->size() > 0);
  const auto other = config.createTimingCache(bytes->data(), bytes->size());
  CHECK(other != nullptr && other->combine(*cache, false));
}

void parserErrorsAreWhole(trt::Library& library) {
  using namespace onnx_writer;
  Job job = startJob(library);
  const std::string bytes =
      model({{node("NoSuchOperator", {"x"}, {"y"})}, {}, {value("x", kFloat, {1})}, {value("y", kFloat, {1})}});
  CHECK(!job.parser->parse(bytes.data(), bytes.size(), nullptr));
  const auto errors = job.parser->errors();
  CHECK(!errors.empty());
  CHECK(errors[0].nodeOperator == "NoSuchOperator" && errors[0].node == 0 && !errors[0].description.empty());
  CHECK(contains(refusal(BACKEND_INVALID_ARGUMENT, [&] { job.parser->parse(nullptr, 10, nullptr); }), "none"));
  job.parser->setFlag("NATIVE_INSTANCENORM", true);
  CHECK(contains(refusal(BACKEND_INVALID_ARGUMENT, [&] { job.parser->setFlag("X", true); }), "NATIVE_INSTANCENORM"));
}

std::unique_ptr<trt::Blob> build(trt::Library& library, CountingProgress& progress) {
  Job job = startJob(library);
  parseProduct(job);
  job.config->setComputeCapabilities({86});
  job.config->setProgress(&progress);
  return job.builder->build(*job.network, *job.config);
}

void buildsAndReportsProgress(trt::Library& library) {
  CountingProgress progress(1 << 30);
  const auto plan = build(library, progress);
  CHECK(plan != nullptr && plan->size() > 64 && std::memcmp(plan->data(), "vtrt", 4) == 0);
  CHECK(progress.starts > 0 && progress.starts == progress.finishes && progress.steps > 0);
  std::printf("  built: %zu bytes, %d phases, %d steps\n", plan->size(), progress.starts.load(), progress.steps.load());

  const auto runtime = library.createRuntime();
  CHECK(runtime != nullptr);
  runtime->setHostCodeAllowed(false);
  CHECK(runtime->setMaxThreads(2));
  const auto log = std::make_shared<trt::JobLog>(nullptr);
  const trt::LogScope scope(log);
  const auto engine = runtime->deserialize(plan->data(), plan->size());
  if (engine == nullptr) {
    std::printf("  not loaded here: %s\n", log->why("no reason given").substr(0, 150).c_str());
    CHECK(!log->errors().empty());
  } else {
    CHECK(engine->tensors() == 2 && engine->isInput("x") && !engine->isInput("y"));
    CHECK(engine->profileShape("x", 0, trt::Selector::kMax).d[0] == 4);
  }
  CHECK(runtime->deserialize("garbage", 7) == nullptr);
}

void aBuildIsCancelled(trt::Library& library) {
  CountingProgress progress(1);
  CHECK(build(library, progress) == nullptr);
  std::printf("  cancelled after %d steps\n", progress.steps.load());
}

// A dispatch runtime (libnvinfer_dispatch): it creates nothing without a driver, and says so to a logger of its shape.
void driveDispatch(const std::string& path) {
  void* const core = load(path);
  trt::EntryPoints entries;
  find(core, "createInferRuntime_INTERNAL", entries.createInferRuntime);
  const trt::Version found = versionOf(core, false);
  const auto library = trt::makeLibrary(trt::shapeOf(found, false), entries, found);
  const auto log = std::make_shared<trt::JobLog>(nullptr);
  const trt::LogScope scope(log);
  const auto runtime = library->createRuntime();
  std::printf("  runtime: %s\n", runtime != nullptr ? "created" : log->why("no reason given").substr(0, 150).c_str());
  CHECK(runtime != nullptr || !log->errors().empty());
  CHECK(contains(refusal(BACKEND_UNAVAILABLE, [&] { library->createBuilder(); }), "full TensorRT library"));
}

void drive(const std::string& folder) {
  for (const char* major : {"10", "11"}) {
    const std::string dispatch = folder + "/libnvinfer_dispatch.so." + major;
    if (access(dispatch.c_str(), F_OK) == 0) return driveDispatch(dispatch);
  }
  const auto library = openLibrary(folder);
  settingsAreReadBack(*library);
  parserErrorsAreWhole(*library);
  buildsAndReportsProgress(*library);
  aBuildIsCancelled(*library);
}

}  // namespace

// Two versions of a library do not go together in one process.
bool shapes_test::driveInChild(const char* folder) {
  const pid_t child = fork();
  if (child == 0) {
    drive(folder);
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
