// SPDX-License-Identifier: Apache-2.0
// Owners of what backends make. Their destructors may block: the last owner lets go through reap().
#ifndef TENSORRT_NODE_ADDON_HANDLES_H_
#define TENSORRT_NODE_ADDON_HANDLES_H_

#include <memory>
#include <utility>

#include "backend.h"

namespace trtn {

class EngineHandle {
 public:
  EngineHandle(const backend_api* api, backend_engine* engine) : api_(api), engine_(engine) {}
  ~EngineHandle() { api_->engine_free(engine_); }
  EngineHandle(const EngineHandle&) = delete;
  EngineHandle& operator=(const EngineHandle&) = delete;
  const backend_api& api() const { return *api_; }
  backend_engine* get() const { return engine_; }

 private:
  const backend_api* const api_;
  backend_engine* const engine_;
};

class SessionHandle {
 public:
  SessionHandle(std::shared_ptr<EngineHandle> engine, backend_session* session)
      : engine_(std::move(engine)), session_(session) {}
  ~SessionHandle() { api().session_free(session_); }  // before the engine, which may go with us
  SessionHandle(const SessionHandle&) = delete;
  SessionHandle& operator=(const SessionHandle&) = delete;
  const backend_api& api() const { return engine_->api(); }
  backend_session* get() const { return session_; }

 private:
  const std::shared_ptr<EngineHandle> engine_;
  backend_session* const session_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_HANDLES_H_
