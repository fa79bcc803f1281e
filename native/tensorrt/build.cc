// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/build.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tensorrt/build_progress.h"
#include "tensorrt/build_thread.h"
#include "tensorrt/driver.h"
#include "tensorrt/facts.h"
#include "tensorrt/logging.h"
#include "tensorrt/model.h"
#include "tensorrt/parse.h"
#include "tensorrt/profiles.h"
#include "tensorrt/settings.h"
#include "tensorrt/timing_cache.h"

namespace trt {
namespace {

using Clock = std::chrono::steady_clock;

int64_t millisecondsSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

// One build, step by step. Members are declared in the order in which TensorRT wants them made, and reversed, freed.
class Build {
 public:
  Build(Flavour flavour, const backend_build_request& request);
  void run();

 private:
  void openLibraries();
  void openDevice();
  void createBuilder();
  void loadPlugins();
  void parse(const Model& model);
  void configure();
  std::unique_ptr<Blob> compile();
  void deliver(const Blob& plan);
  std::string facts(const Blob& plan);
  template <typename Owned>
  Owned made(Owned object, const char* what);
  std::string cacheKey() const;

  const Flavour flavour_;
  const backend_build_request& request_;
  Candidates candidates_;
  BuildSettings settings_;
  trtn::Progress progress_;
  std::shared_ptr<JobLog> log_;
  Libraries* libraries_ = nullptr;
  DriverState driver_;
  std::optional<DeviceFacts> device_;
  ProfileList profiles_;
  BuildProgress monitor_;
  std::unique_ptr<Builder> builder_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Parser> parser_;  // holds weights that the network refers to
  std::unique_ptr<TimingCacheFile> timings_;
  std::unique_ptr<BuilderConfig> config_;
  int64_t parseMs_ = 0;
  int64_t buildMs_ = 0;
};

Build::Build(Flavour flavour, const backend_build_request& request)
    : flavour_(flavour),
      request_(request),
      progress_(request.observer),
      profiles_{{}, request.profiles, request.profile_count},
      monitor_(progress_) {
  trtn::OptionReader options(request.options, request.option_count);
  candidates_ = readCandidates(options);
  settings_ = readSettings(options, flavour);
  options.refuse_unknown();
  log_ = std::make_shared<JobLog>(request.observer, settings_.logLevel);
}

template <typename Owned>
Owned Build::made(Owned object, const char* what) {
  if (object != nullptr) return object;
  throw Error(BACKEND_INTERNAL,
              std::string(titleOf(flavour_)) + " made no " + what + ": " + log_->why("it gave no reason") + ".");
}

void Build::openLibraries() {
  const Libraries::Report report = Libraries::look(flavour_, candidates_);
  if (report.libraries == nullptr) throw Unusable(report.reason, report.remedy);
  libraries_ = report.libraries;
  if (!libraries_->hasBuilder()) {
    throw Unusable(libraries_->path() + " runs engines, but cannot build them: it is a lean or dispatch runtime.",
                   std::string("Install the whole of ") + titleOf(flavour_) + ", or give its path as 'nvinfer'.");
  }
  if (libraries_->hasParser()) return;
  throw Unusable(
      "The ONNX parser of " + std::string(titleOf(flavour_)) + " was not found" + listOf(report.parser.tried) + ".",
      "Install it (libnvonnxparser, libtensorrt_onnxparser_rtx), or give its path as 'nvonnxparser'.");
}

void Build::openDevice() {
  driver_ = checkDriver(candidates_.cudart);
  if (driver_.usable()) {
    requireDevice(*driver_.cuda, settings_.device);
    use_device(*driver_.cuda, settings_.device);
    device_ = device_facts(*driver_.cuda, settings_.device);
    return;
  }
  if (flavour_ == Flavour::kEnterprise) {
    throw Unusable(driver_.reason, driver_.remedy + " Or build for the backend 'tensorrt-rtx', which needs no device.");
  }
  if (settings_.device > 0) throw Unusable(driver_.reason, driver_.remedy);
  refuseWithoutDevice(settings_, driver_.reason);
}

void Build::createBuilder() {
  builder_ = made(libraries_->library().createBuilder(), "builder");
  config_ = made(builder_->createConfig(), "builder configuration");
  const bool taken = settings_.maxThreads == 0 || builder_->setMaxThreads(settings_.maxThreads);
  if (!taken) throw Error(BACKEND_UNSUPPORTED, "TensorRT did not take the option 'maxThreads'.");
  const int32_t cores = settings_.dlaCore < 0 ? 0 : builder_->dlaCores();
  if (settings_.dlaCore >= cores && settings_.dlaCore >= 0) {
    throw Error(BACKEND_UNSUPPORTED, "The option 'useDLACore' asks for core " + std::to_string(settings_.dlaCore) +
                                         ", but this device has " + std::to_string(cores) + " DLA cores.");
  }
  applySettings(settings_, *config_, *libraries_, *log_);
}

void Build::loadPlugins() {
  if (libraries_->hasPlugins() && !libraries_->library().initPlugins()) {
    throw Error(BACKEND_INTERNAL,
                "The standard plugins of TensorRT cannot be used: " + log_->why("no reason given") + ".");
  }
  for (const std::string& plugin : settings_.plugins) {
    log_->forgetErrors();
    if (builder_->loadPluginLibrary(plugin.c_str())) continue;
    throw Error(BACKEND_INVALID_ARGUMENT,
                "The plugin library " + plugin + " cannot be loaded: " +
                    log_->why("TensorRT gave no reason (its plugins may be registered already)") + ".");
  }
}

void Build::parse(const Model& model) {
  const Clock::time_point start = Clock::now();
  progress_.step("parse", 0, 1);
  network_ = made(builder_->createNetwork(), "network");
  parser_ = made(builder_->createParser(*network_), "parser");
  parseModel(*parser_, model, settings_, *log_);
  if (network_->outputs() == 0) {
    throw Error(BACKEND_MODEL, "The parser found a network without outputs: this is not an ONNX model that computes.");
  }
  parseMs_ = millisecondsSince(start);
  progress_.step("parse", 1, 1);
  progress_.throw_if_cancelled();
}

std::string Build::cacheKey() const {
  const std::string library = std::string(nameOf(flavour_)) + "-" + textOf(libraries_->version());
  if (!device_) return library;
  return library + "-" + device_->name + "-sm" + std::to_string(device_->major) + std::to_string(device_->minor);
}

void Build::configure() {
  profiles_.inputs = inputsOf(*network_);
  checkProfiles(profiles_);
  if (settings_.versionCompatible) {
    std::set<std::string> all(settings_.pluginsToSerialize.begin(), settings_.pluginsToSerialize.end());
    for (std::string& used : parser_->usedVersionCompatiblePlugins()) all.insert(std::move(used));
    if (!all.empty()) config_->setPluginsToSerialize({all.begin(), all.end()});
  }
  addProfiles(*builder_, *config_, profiles_, *log_);
  if (!settings_.timingCacheFile.empty() && flavour_ == Flavour::kRtx) {
    log_->note(BACKEND_LOG_WARNING, "TensorRT-RTX times nothing when it builds: 'timingCacheFile' has no effect.");
  } else if (!settings_.timingCacheFile.empty()) {
    timings_ = std::make_unique<TimingCacheFile>(settings_.timingCacheFile, cacheKey(), progress_, *log_);
    timings_->attach(*config_);
  }
  config_->setProgress(&monitor_);
}

std::unique_ptr<Blob> Build::compile() {
  const Clock::time_point start = Clock::now();
  log_->forgetErrors();
  std::unique_ptr<Blob> plan = builder_->build(*network_, *config_);
  buildMs_ = millisecondsSince(start);
  progress_.throw_if_cancelled();  // TensorRT says "failed" of both
  if (plan == nullptr || plan->size() == 0) throw explainBuild(log_->errors());
  if (timings_ != nullptr) timings_->store(*config_);
  return plan;
}

std::string Build::facts(const Blob& plan) {
  BuildFacts facts;
  facts.flavour = flavour_;
  facts.version = libraries_->version();
  if (device_) facts.device = &*device_;
  facts.driverVersion = driver_.driverVersion;
  facts.targets = planTargets(plan.data(), plan.size());
  if (facts.targets.empty() && device_) facts.targets = {device_->major * 10 + device_->minor};
  facts.layers = network_->layers();
  facts.profiles = &profiles_;
  facts.outputs = outputsOf(*network_);
  facts.memory = log_->facts();
  facts.planBytes = plan.size();
  facts.parseMs = parseMs_;
  facts.buildMs = buildMs_;
  facts.settings = &settings_;
  facts.warnings = log_->warnings();
  return writeFacts(facts);
}

void Build::deliver(const Blob& plan) {
  constexpr size_t kSlice = size_t{16} << 20;
  const std::string text = facts(plan);
  const auto steps = static_cast<int32_t>((plan.size() + kSlice - 1) / kSlice);
  for (int32_t step = 0; step < steps; ++step) {
    progress_.step("write", step, steps);
    progress_.throw_if_cancelled();
    const size_t begin = static_cast<size_t>(step) * kSlice;
    const size_t bytes = std::min(kSlice, plan.size() - begin);
    request_.payload.write(request_.payload.user, static_cast<const char*>(plan.data()) + begin, bytes);
  }
  progress_.step("write", steps, steps);
  request_.facts.write(request_.facts.user, text.data(), text.size());
}

void Build::run() {
  const LogScope scope(log_, LogScope::Foreign::kYes);
  openLibraries();
  openDevice();
  const Model model(request_, progress_);
  if (std::count(settings_.computeCapabilities.begin(), settings_.computeCapabilities.end(), 75) > 0) {
    log_->note(BACKEND_LOG_WARNING,
               "Compute capability 75 makes the engine many times larger (17 times, seen on a small network), and "
               "cannot do FP32 matrix products.");
  }
  const BuildTurn turn(device_ ? settings_.device : -1, progress_);
  createBuilder();
  loadPlugins();
  parse(model);
  configure();
  deliver(*compile());
}

}  // namespace

void build(Flavour flavour, const backend_build_request& request) {
  // Made and freed on the thread that uses it: CUDA's current device is the thread's.
  runOnLargeStack([&] { Build(flavour, request).run(); });
}

}  // namespace trt
