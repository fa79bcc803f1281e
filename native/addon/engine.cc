// SPDX-License-Identifier: Apache-2.0
#include "engine.h"

#include <utility>

#include "control.h"
#include "environment.h"
#include "failure.h"
#include "option_record.h"
#include "reaper.h"
#include "session.h"
#include "task.h"

namespace trtn {
namespace {

class CreateTask : public Task {
 public:
  CreateTask(std::shared_ptr<EngineHandle> engine, int32_t lanes, const Napi::Object& options)
      : engine_(std::move(engine)), lanes_(lanes), options_(options) {}
  ~CreateTask() override {
    reap(std::move(session_));
    reap(std::move(engine_));
  }

 private:
  backend_status run(backend_error* error) override {
    backend_session_request request{};
    request.struct_size = sizeof request;
    request.lanes = lanes_;
    request.options = options_.data();
    request.option_count = options_.size();
    request.observer = observer();
    backend_session* session = nullptr;
    const backend_status status = engine_->api().session_create(engine_->get(), &request, &session, error);
    if (status == BACKEND_OK) session_ = std::make_shared<SessionHandle>(engine_, session);
    return status;
  }
  Napi::Value result(Napi::Env env) override { return Session::make(env, std::move(session_)); }

  std::shared_ptr<EngineHandle> engine_;
  const int32_t lanes_;
  const Options options_;
  std::shared_ptr<SessionHandle> session_;
};

Napi::Array numbers(Napi::Env env, const int64_t* values, int32_t count) {
  Napi::Array list = Napi::Array::New(env, static_cast<size_t>(count));
  for (int32_t i = 0; i < count; ++i) {
    list.Set(static_cast<uint32_t>(i), Napi::Number::New(env, static_cast<double>(values[i])));
  }
  return list;
}

Napi::Value names(Napi::Env env, const backend_io& io) {
  if (io.dim_names == nullptr || io.rank < 0) return env.Null();
  Napi::Array list = Napi::Array::New(env, static_cast<size_t>(io.rank));
  for (int32_t i = 0; i < io.rank; ++i) {
    const char* const name = io.dim_names[i];
    const bool given = name != nullptr && *name != '\0';
    list.Set(static_cast<uint32_t>(i), given ? Napi::String::New(env, name) : env.Null());
  }
  return list;
}

Napi::Array profiles(Napi::Env env, const backend_io& io) {
  Napi::Array list = Napi::Array::New(env, io.profiles == nullptr ? 0 : io.profile_count);
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const backend_profile_range& range = io.profiles[i];
    Napi::Object one = Napi::Object::New(env);
    one.Set("min", numbers(env, range.min, range.rank));
    one.Set("opt", numbers(env, range.opt, range.rank));
    one.Set("max", numbers(env, range.max, range.rank));
    one.Set("isValues", Napi::Boolean::New(env, range.is_values != 0));
    list.Set(i, one);
  }
  return list;
}

Napi::Object describe(Napi::Env env, const backend_io& io) {
  Napi::Object one = Napi::Object::New(env);
  one.Set("name", Napi::String::New(env, io.name));
  one.Set("direction", Napi::String::New(env, io.direction == BACKEND_INPUT ? "input" : "output"));
  one.Set("type", Napi::Number::New(env, io.type));
  one.Set("dims", io.rank < 0 ? env.Null() : Napi::Value(numbers(env, io.dims, io.rank)));
  one.Set("dimNames", names(env, io));
  one.Set("onHost", Napi::Boolean::New(env, io.location == BACKEND_ON_HOST));
  one.Set("isShape", Napi::Boolean::New(env, io.is_shape != 0));
  one.Set("profiles", profiles(env, io));
  return one;
}

}  // namespace

Napi::Function Engine::define(Napi::Env env) {
  return DefineClass(
      env, "NativeEngine",
      {InstanceMethod<&Engine::io>("io"), InstanceMethod<&Engine::control>("control"),
       InstanceMethod<&Engine::create_session>("createSession"), InstanceMethod<&Engine::close>("close")});
}

Napi::Object Engine::make(Napi::Env env, std::shared_ptr<EngineHandle> handle) {
  const Napi::Object object = Environment::of(env).engine_class.New({});
  Engine::Unwrap(object)->handle_ = std::move(handle);
  return object;
}

Engine::Engine(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

Engine::~Engine() { reap(std::move(handle_)); }

const std::shared_ptr<EngineHandle>& Engine::open(Napi::Env env) const {
  if (handle_ == nullptr) throw failure(env, BACKEND_CLOSED, "the native engine is closed");
  return handle_;
}

Napi::Value Engine::io(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const EngineHandle& engine = *open(env);
  ErrorText error;
  const backend_io* items = nullptr;
  size_t count = 0;
  const backend_status status = engine.api().engine_io(engine.get(), &items, &count, error.out());
  if (status != BACKEND_OK) throw failure(env, status, error.text());
  Napi::Array list = Napi::Array::New(env, count);
  for (uint32_t i = 0; i < count; ++i) list.Set(i, describe(env, items[i]));
  return list;
}

Napi::Value Engine::control(const Napi::CallbackInfo& info) {
  return start_control(info, [handle = open(info.Env())](const ControlCall& call) {
    return handle->api().engine_control(handle->get(), call.verb, call.arguments, call.answer, call.error);
  });
}

Napi::Value Engine::create_session(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto task =
      std::make_unique<CreateTask>(open(env), info[0].As<Napi::Number>().Int32Value(), info[1].As<Napi::Object>());
  return Task::start(std::move(task), info[1], env.Undefined(), env.Undefined());
}

void Engine::close(const Napi::CallbackInfo&) { reap(std::move(handle_)); }

}  // namespace trtn
