// SPDX-License-Identifier: Apache-2.0
// The addon's exports: NativeAddon of lib/backend/native.ts. The one place that knows which backends are linked in.
#include <napi.h>

#include <string>

#include "backend_class.h"
#include "cpu_backend.h"
#include "engine.h"
#include "environment.h"
#include "exit_guard.h"
#include "library_probe.h"
#include "precision.h"
#include "rounding.h"
#include "session.h"
#include "tensorrt/tensorrt_backend.h"

namespace trtn {
namespace {

Napi::Value backends(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array list = Napi::Array::New(env);
  for (const backend_get_api_fn get_api : {&trtn_cpu_get_api, &trtn_tensorrt_get_api, &trtn_tensorrt_rtx_get_api}) {
    list.Set(list.Length(), Backend::make(env, get_api(BACKEND_ABI_MAJOR)));
  }
  return list;
}

Napi::Value load_backend(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Backend::make(env, load_backend_library(env, info[0].As<Napi::String>().Utf8Value()));
}

void open_channel(const Napi::CallbackInfo& info) {
  Environment::of(info.Env()).channel().open(info[0].As<Napi::Object>(), info[1].As<Napi::Function>());
}

void poll(const Napi::CallbackInfo& info) { Environment::of(info.Env()).drain(); }

void about_to_exit(const Napi::CallbackInfo&) { ExitGuard::about_to_exit(); }

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* const environment = new Environment(env);
  env.SetInstanceData(environment);
  environment->backend_class = Napi::Persistent(Backend::define(env));
  environment->engine_class = Napi::Persistent(Engine::define(env));
  environment->session_class = Napi::Persistent(Session::define(env));
  exports.Set("napiVersion", Napi::Number::New(env, NAPI_VERSION));
  exports.Set("buildInfo", Napi::String::New(env, "compiler " __VERSION__));
  exports.Set("backends", Napi::Function::New<backends>(env));
  exports.Set("loadBackend", Napi::Function::New<load_backend>(env));
  exports.Set("openChannel", Napi::Function::New<open_channel>(env));
  exports.Set("aboutToExit", Napi::Function::New<about_to_exit>(env));
  exports.Set("poll", Napi::Function::New<poll>(env));
  exports.Set("extentOf", Napi::Function::New<extent_of_values>(env));
  exports.Set("countInto", Napi::Function::New<count_values>(env));
  exports.Set("roundRows", Napi::Function::New<round_rows_of>(env));
  exports.Set("probeLibrary", Napi::Function::New<probe_library>(env));
  return exports;
}

}  // namespace
}  // namespace trtn

static Napi::Object initialize(Napi::Env env, Napi::Object exports) { return trtn::init(env, exports); }
NODE_API_MODULE(tensorrt_node, initialize)
