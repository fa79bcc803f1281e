// SPDX-License-Identifier: Apache-2.0
// NativeEngine of lib/backend/native.ts.
#ifndef TENSORRT_NODE_ADDON_ENGINE_H_
#define TENSORRT_NODE_ADDON_ENGINE_H_

#include <napi.h>

#include <memory>

#include "handles.h"

namespace trtn {

class Engine : public Napi::ObjectWrap<Engine> {
 public:
  static Napi::Function define(Napi::Env env);
  static Napi::Object make(Napi::Env env, std::shared_ptr<EngineHandle> handle);

  explicit Engine(const Napi::CallbackInfo& info);
  ~Engine() override;

 private:
  Napi::Value io(const Napi::CallbackInfo& info);
  Napi::Value control(const Napi::CallbackInfo& info);
  Napi::Value create_session(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);
  const std::shared_ptr<EngineHandle>& open(Napi::Env env) const;

  std::shared_ptr<EngineHandle> handle_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_ENGINE_H_
