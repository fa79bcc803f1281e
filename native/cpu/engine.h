// SPDX-License-Identifier: Apache-2.0
// The contract's two handles.
#ifndef TENSORRT_NODE_CPU_ENGINE_H_
#define TENSORRT_NODE_CPU_ENGINE_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backend.h"
#include "io.h"
#include "lanes.h"
#include "model.h"

// Any thread. Holds the payload, because sessions with other settings are prepared from it anew.
struct backend_engine {
 public:
  explicit backend_engine(const backend_load_request& request);

  const trtn::cpu::IoTable& io() const { return *io_; }
  const std::string& facts() const { return facts_; }
  std::unique_ptr<backend_session> create_session(const backend_session_request& request);

 private:
  std::shared_ptr<const trtn::cpu::Model> model_for(const trtn::cpu::Settings& settings, trtn::Progress& progress);

  const trtn::cpu::Library* library_ = nullptr;
  trtn::cpu::Settings defaults_;
  std::vector<char> payload_;
  std::shared_ptr<const trtn::cpu::IoTable> io_;
  std::string facts_;
  std::mutex mutex_;
  std::shared_ptr<const trtn::cpu::Model> latest_;  // guarded by mutex_; sessions share ownership
};

struct backend_session {
 public:
  backend_session(std::shared_ptr<const trtn::cpu::Model> model, std::shared_ptr<const trtn::cpu::IoTable> io,
                  int32_t lanes, std::chrono::microseconds spin);

  trtn::Lanes& lanes() { return lanes_; }
  std::string describe() const;

 private:
  std::shared_ptr<const trtn::cpu::Model> model_;
  int32_t count_;
  trtn::Lanes lanes_;
};

#endif  // TENSORRT_NODE_CPU_ENGINE_H_
