// SPDX-License-Identifier: Apache-2.0
// A loaded engine: TensorRT's runtime and engine on one device, and what is known of them. Shared by its sessions.
#ifndef TENSORRT_NODE_RUN_MODEL_H_
#define TENSORRT_NODE_RUN_MODEL_H_

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "../libraries.h"
#include "../logging.h"
#include "../trt.h"
#include "backend.h"
#include "device.h"
#include "io_table.h"
#include "settings.h"

namespace trt::run {

class Session;

class Model {
 public:
  // @throws Error
  Model(Flavour flavour, const backend_load_request& request);
  // After the last session. Waits for the device.
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  Device& device() const { return *device_; }
  Engine& engine() const { return *engine_; }
  const IoTable& io() const { return *io_; }
  const Libraries& libraries() const { return *libraries_; }
  const LoadSettings& settings() const { return settings_; }
  bool rtx() const { return libraries_->flavour() == Flavour::kRtx; }
  RuntimeCache* runtime_cache() const { return cache_.get(); }
  // Weights are copied to the device while it runs: no graph can hold that.
  bool streams_weights() const;
  // Contexts are created, and the engine is changed (refit, budget), by one thread at a time.
  std::mutex& mutex() { return mutex_; }
  int contexts = 0;  // alive; guarded by mutex()

  // Sessions alive, for what must not happen while one of them executes. Kept by the sessions.
  void enter(Session* session);
  void leave(Session* session) noexcept;
  // Runs `body` while no session of this engine has anything on the device.
  void quiesced(const std::function<void()>& body);

  // Written beside and renamed: a reader sees the old file or the whole new one. @returns its size; 0: nothing to save.
  size_t save_runtime_cache();

 private:
  void open(const backend_load_request& request, JobLog& log);
  void load_plugins(JobLog& log);
  void deserialize(const backend_load_request& request, JobLog& log);
  void set_weight_streaming(JobLog& log);
  void open_runtime_cache(JobLog& log);
  void close() noexcept;

  LoadSettings settings_;
  Libraries* libraries_ = nullptr;
  Device* device_ = nullptr;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Runtime> lean_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<RuntimeCache> cache_;
  std::unique_ptr<IoTable> io_;
  std::mutex mutex_;
  std::mutex sessions_mutex_;
  std::set<Session*> sessions_;
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_MODEL_H_
