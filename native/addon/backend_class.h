// SPDX-License-Identifier: Apache-2.0
// NativeBackend of lib/backend/native.ts.
#ifndef TENSORRT_NODE_ADDON_BACKEND_CLASS_H_
#define TENSORRT_NODE_ADDON_BACKEND_CLASS_H_

#include <napi.h>

#include "backend.h"

namespace trtn {

class Backend : public Napi::ObjectWrap<Backend> {
 public:
  static Napi::Function define(Napi::Env env);
  static Napi::Object make(Napi::Env env, const backend_api* api);

  explicit Backend(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

 private:
  Napi::Value probe(const Napi::CallbackInfo& info);
  Napi::Value build(const Napi::CallbackInfo& info);
  Napi::Value load(const Napi::CallbackInfo& info);

  const backend_api* api_ = nullptr;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_BACKEND_CLASS_H_
