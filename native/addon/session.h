// SPDX-License-Identifier: Apache-2.0
// NativeSession of lib/backend/native.ts.
#ifndef TENSORRT_NODE_ADDON_SESSION_H_
#define TENSORRT_NODE_ADDON_SESSION_H_

#include <napi.h>

#include <memory>
#include <vector>

#include "handles.h"
#include "run.h"

namespace trtn {

class Session : public Napi::ObjectWrap<Session> {
 public:
  static Napi::Function define(Napi::Env env);
  static Napi::Object make(Napi::Env env, std::shared_ptr<SessionHandle> handle);

  explicit Session(const Napi::CallbackInfo& info);
  ~Session() override;

 private:
  struct Allocation {
    const char* data;
    size_t bytes;
    Napi::ObjectReference buffer;  // weak: JavaScript owns it; we detach it at close()
  };

  struct Request {  // of submit(), as JavaScript wrote it
    double id;
    double lane;
    double budget_ns;
  };

  void submit(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);
  Napi::Value alloc(const Napi::CallbackInfo& info);
  Napi::Value control(const Napi::CallbackInfo& info);
  Napi::Value describe(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  bool read_request(const Napi::CallbackInfo& info, Request* request, Run& run);
  bool read_view(napi_value value, backend_tensor& tensor) const;
  backend_memory memory_of(const void* data) const;
  void forget_collected();

  std::shared_ptr<SessionHandle> handle_;
  std::vector<Allocation> allocations_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_SESSION_H_
