// SPDX-License-Identifier: Apache-2.0
#include "backend_class.h"

#include <memory>
#include <string>
#include <utility>

#include "build_task.h"
#include "control.h"
#include "engine.h"
#include "environment.h"
#include "handles.h"
#include "option_record.h"
#include "reaper.h"
#include "task.h"

namespace trtn {
namespace {

class ProbeTask : public Task {
 public:
  ProbeTask(const backend_api* api, const Napi::Object& options) : api_(api), options_(options) {}

 private:
  backend_status run(backend_error* error) override {
    const backend_sink sink = text_sink(&report_);
    return api_->probe(options_.data(), options_.size(), &sink, error);
  }
  Napi::Value result(Napi::Env env) override { return Napi::String::New(env, report_); }
  bool stands_alone() const noexcept override { return true; }

  const backend_api* const api_;
  const Options options_;
  std::string report_;
};

class LoadTask : public Task {
 public:
  LoadTask(const backend_api* api, const Napi::Uint8Array& payload, const Napi::Object& options)
      : api_(api), payload_(payload.Data()), bytes_(payload.ByteLength()), options_(options) {}
  ~LoadTask() override { reap(std::move(engine_)); }

 private:
  backend_status run(backend_error* error) override {
    backend_load_request request{};
    request.struct_size = sizeof request;
    request.payload = payload_;
    request.payload_bytes = bytes_;
    request.options = options_.data();
    request.option_count = options_.size();
    request.observer = observer();
    backend_engine* engine = nullptr;
    const backend_status status = api_->load(&request, &engine, error);
    if (status == BACKEND_OK) engine_ = std::make_shared<EngineHandle>(api_, engine);
    return status;
  }
  Napi::Value result(Napi::Env env) override { return Engine::make(env, std::move(engine_)); }

  const backend_api* const api_;
  const void* const payload_;
  const size_t bytes_;
  const Options options_;
  std::shared_ptr<EngineHandle> engine_;
};

}  // namespace

Napi::Function Backend::define(Napi::Env env) {
  return DefineClass(env, "NativeBackend",
                     {InstanceMethod<&Backend::probe>("probe"), InstanceMethod<&Backend::build>("build"),
                      InstanceMethod<&Backend::load>("load")});
}

Napi::Object Backend::make(Napi::Env env, const backend_api* api) {
  Napi::Object object = Environment::of(env).backend_class.New({});
  Backend::Unwrap(object)->api_ = api;
  object.Set("name", Napi::String::New(env, api->name));
  object.Set("buildInfo", Napi::String::New(env, api->build_info));
  return object;
}

Napi::Value Backend::probe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Task::start(std::make_unique<ProbeTask>(api_, info[0].As<Napi::Object>()), info[0], env.Undefined(),
                     env.Undefined());
}

Napi::Value Backend::build(const Napi::CallbackInfo& info) {
  const Napi::Object request = info[0].As<Napi::Object>();
  return Task::start(std::make_unique<BuildTask>(api_, request), request, request.Get("onProgress"),
                     request.Get("onLog"));
}

Napi::Value Backend::load(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto task = std::make_unique<LoadTask>(api_, info[0].As<Napi::Uint8Array>(), info[1].As<Napi::Object>());
  return Task::start(std::move(task), info[0], env.Undefined(), env.Undefined());
}

}  // namespace trtn
