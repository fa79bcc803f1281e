// SPDX-License-Identifier: Apache-2.0
#include "model.h"

#include "../driver.h"
#include "cache_file.h"
#include "error.h"
#include "session.h"

namespace trt::run {
namespace {

using trtn::Error;
using trtn::OptionReader;

void require_running(const backend_load_request& request) {
  const backend_observer* observer = request.observer;
  if (observer == nullptr || observer->cancelled == nullptr || observer->cancelled(observer->user) == 0) return;
  throw Error(BACKEND_CANCELLED, "Loading the engine was cancelled.");
}

}  // namespace

Model::Model(Flavour flavour, const backend_load_request& request) {
  OptionReader reader(request.options, request.option_count);
  const Candidates candidates = readCandidates(reader);
  settings_ = read_load_settings(reader);
  reader.refuse_unknown();
  // The driver first: without one, TensorRT hands out pointers that are not memory.
  const Cuda& cuda = requireDriver(candidates.cudart);
  requireDevice(cuda, settings_.device);
  libraries_ = &Libraries::open(flavour, candidates);
  device_ = &Device::of(cuda, settings_.device);
  device_->require_usable();
  device_->use();
  const auto log = std::make_shared<JobLog>(request.observer);
  const LogScope scope(log, LogScope::Foreign::kYes);
  device_->enter();
  try {
    open(request, *log);
  } catch (...) {
    close();
    throw;
  }
}

Model::~Model() {
  if (!settings_.runtimeCacheFile.empty() && !device_->lost()) {
    try {
      (void)save_runtime_cache();
    } catch (const std::exception&) {  // the next start compiles again, which is all that is lost
    }
  }
  close();
}

void Model::close() noexcept {
  (void)device_->cuda().SetDevice(device_->index());
  io_.reset();
  cache_.reset();
  engine_.reset();
  lean_.reset();
  runtime_.reset();
  device_->leave();
}

void Model::open(const backend_load_request& request, JobLog& log) {
  require_running(request);
  const std::lock_guard<std::mutex> lock(device_->load_mutex());
  runtime_ = libraries_->library().createRuntime();
  if (runtime_ == nullptr) device_->fail_call(BACKEND_DEVICE, log.why("TensorRT could not create its runtime."));
  if (settings_.allowHostCode) runtime_->setHostCodeAllowed(true);
  if (settings_.dlaCore >= 0) runtime_->setDlaCore(settings_.dlaCore);
  load_plugins(log);
  require_running(request);
  deserialize(request, log);
  set_weight_streaming(log);
  open_runtime_cache(log);
  io_ = std::make_unique<IoTable>(*engine_);
}

void Model::load_plugins(JobLog& log) {
  if (libraries_->hasPlugins() && !libraries_->library().initPlugins()) {
    throw Error(BACKEND_UNAVAILABLE, log.why("TensorRT's plugin library could not be initialised."));
  }
  for (const std::string& path : settings_.plugins) {
    if (runtime_->loadPluginLibrary(path.c_str())) continue;
    throw Error(BACKEND_UNAVAILABLE, log.why("The plugin library " + path + " could not be loaded."));
  }
}

void Model::deserialize(const backend_load_request& request, JobLog& log) {
  Runtime* runtime = runtime_.get();
  if (!settings_.leanRuntime.empty()) {
    lean_ = runtime_->loadRuntime(settings_.leanRuntime.c_str());
    if (lean_ == nullptr) {
      throw Error(BACKEND_UNAVAILABLE, log.why("The lean runtime " + settings_.leanRuntime + " could not be loaded."));
    }
    runtime = lean_.get();
  }
  if (request.payload == nullptr || request.payload_bytes == 0) throw Error(BACKEND_ENGINE, "The engine is empty.");
  engine_ = runtime->deserialize(request.payload, request.payload_bytes);
  if (engine_ != nullptr) return;
  device_->fail_call(BACKEND_ENGINE,
                     "TensorRT does not take this engine: " + log.why("it gave no reason.") +
                         " An engine runs with the version and on the kind of GPU it was built for; build "
                         "it again from its model.");
}

void Model::set_weight_streaming(JobLog& log) {
  if (settings_.weightStreamingBudget.empty()) return;
  const int64_t streamable = engine_->streamableWeights();
  if (streamable <= 0) {
    throw Error(BACKEND_UNSUPPORTED,
                "The engine was not built with weight streaming, so it takes no weightStreamingBudget.");
  }
  const int64_t automatic = settings_.weightStreamingBudget == "auto" ? engine_->weightStreamingAutomaticBudget() : 0;
  const int64_t bytes = weight_streaming_bytes(settings_.weightStreamingBudget, streamable, automatic);
  if (engine_->setWeightStreamingBudget(bytes)) return;
  device_->fail_call(BACKEND_INVALID_ARGUMENT,
                     log.why("TensorRT refused a weight streaming budget of " + std::to_string(bytes) + " bytes."));
}

void Model::open_runtime_cache(JobLog& log) {
  if (!rtx()) {
    if (settings_.runtimeCacheFile.empty()) return;
    throw Error(BACKEND_INVALID_ARGUMENT, "Only TensorRT-RTX compiles kernels at load, and has a runtimeCacheFile.");
  }
  cache_ = engine_->createRuntimeCache();
  if (cache_ == nullptr) {
    log.note(BACKEND_LOG_WARNING, "TensorRT-RTX gave no runtime cache: kernels are compiled anew in each process.");
    return;
  }
  if (settings_.runtimeCacheFile.empty()) return;
  const std::vector<char> bytes = read_cache_file(settings_.runtimeCacheFile);
  if (bytes.empty() || cache_->load(bytes.data(), bytes.size())) return;
  log.note(BACKEND_LOG_WARNING, "The runtime cache " + settings_.runtimeCacheFile +
                                    " is of another version or device; kernels are compiled anew.");
}

bool Model::streams_weights() const {
  const int64_t streamable = engine_->streamableWeights();
  return streamable > 0 && engine_->weightStreamingBudget() < streamable;
}

void Model::enter(Session* session) {
  const std::lock_guard<std::mutex> lock(sessions_mutex_);
  sessions_.insert(session);
}

void Model::leave(Session* session) noexcept {
  const std::lock_guard<std::mutex> lock(sessions_mutex_);
  sessions_.erase(session);
}

void Model::quiesced(const std::function<void()>& body) {
  const std::lock_guard<std::mutex> lock(sessions_mutex_);  // held: sessions neither come nor go meanwhile
  for (Session* session : sessions_) session->quiesce();
  try {
    const std::lock_guard<std::mutex> alone(mutex_);
    body();
  } catch (...) {
    for (Session* session : sessions_) session->resume();
    throw;
  }
  for (Session* session : sessions_) session->resume();
}

size_t Model::save_runtime_cache() {
  if (cache_ == nullptr || settings_.runtimeCacheFile.empty()) return 0;
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::unique_ptr<Blob> blob = cache_->serialize();
  if (blob == nullptr || blob->size() == 0) return 0;
  write_cache_file(settings_.runtimeCacheFile, blob->data(), blob->size());
  return blob->size();
}

}  // namespace trt::run
