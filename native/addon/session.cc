// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <algorithm>
#include <cmath>

#include "buffers.h"
#include "control.h"
#include "environment.h"
#include "failure.h"
#include "reaper.h"
#include "task.h"

namespace trtn {
namespace {

// Frees the session, which drains, and reports when that is done.
class FreeTask : public Task {
 public:
  explicit FreeTask(std::shared_ptr<SessionHandle> handle) : handle_(std::move(handle)) {}

 private:
  backend_status run(backend_error*) override {
    handle_.reset();
    return BACKEND_OK;
  }
  Napi::Value result(Napi::Env env) override { return env.Undefined(); }

  std::shared_ptr<SessionHandle> handle_;
};

// Walks the request that JavaScript has written: see NativeChannel in native.ts.
class RequestReader {
 public:
  RequestReader(const double* begin, const double* end) : at_(begin), end_(end) {}
  // NaN at the end: no number, index or rank.
  double next() { return at_ == end_ ? std::nan("") : *at_++; }
  bool index(size_t* out) {
    const double value = next();
    if (!(value >= 0 && value <= UINT32_MAX)) return false;
    *out = static_cast<size_t>(value);
    return true;
  }
  // Of tensors that the rest describes: each takes some of it.
  bool count(size_t* out) { return index(out) && *out <= static_cast<size_t>(end_ - at_); }
  bool shape(backend_tensor& tensor) {
    const double rank = next();
    if (!(rank >= -1 && rank <= BACKEND_MAX_RANK) || static_cast<double>(end_ - at_) < rank) return false;
    tensor.rank = static_cast<int32_t>(rank);
    for (int32_t i = 0; i < tensor.rank; ++i) tensor.dims[i] = static_cast<int64_t>(*at_++);
    return true;
  }

 private:
  const double* at_;
  const double* const end_;
};

size_t element_bytes(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    default:
      return 8;
  }
}

}  // namespace

Napi::Function Session::define(Napi::Env env) {
  return DefineClass(env, "NativeSession",
                     {InstanceMethod<&Session::submit>("submit"), InstanceMethod<&Session::cancel>("cancel"),
                      InstanceMethod<&Session::alloc>("alloc"), InstanceMethod<&Session::control>("control"),
                      InstanceMethod<&Session::describe>("describe"), InstanceMethod<&Session::close>("close")});
}

Napi::Object Session::make(Napi::Env env, std::shared_ptr<SessionHandle> handle) {
  const Napi::Object object = Environment::of(env).session_class.New({});
  Session::Unwrap(object)->handle_ = std::move(handle);
  return object;
}

Session::Session(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

Session::~Session() { reap(std::move(handle_)); }

bool Session::read_view(napi_value value, backend_tensor& tensor) const {
  napi_typedarray_type type;
  size_t length = 0;
  if (napi_get_typedarray_info(Env(), value, &type, &length, &tensor.data, nullptr, nullptr) != napi_ok) return false;
  tensor.bytes = length * element_bytes(type);
  tensor.memory = memory_of(tensor.data);
  return true;
}

backend_memory Session::memory_of(const void* data) const {
  const char* const at = static_cast<const char*>(data);
  for (const Allocation& each : allocations_) {
    if (at >= each.data && at < each.data + each.bytes) return BACKEND_PAGE_LOCKED;
  }
  return BACKEND_PAGEABLE;
}

// Its arguments are one view per input, then either one per wanted output (or null: the backend's memory), or no more.
bool Session::read_request(const Napi::CallbackInfo& info, Request* request, Run& run) {
  const Channel& channel = Environment::of(info.Env()).channel();
  RequestReader reader(channel.request(), channel.request_end());
  size_t inputs = 0;
  size_t outputs = 0;
  request->id = reader.next();
  request->lane = reader.next();
  request->budget_ns = reader.next();
  if (!reader.count(&inputs) || !reader.count(&outputs)) return false;
  if (info.Length() != inputs && info.Length() != inputs + outputs) return false;

  run.inputs.resize(inputs);
  for (size_t i = 0; i < inputs; ++i) {
    backend_tensor& input = run.inputs[i];
    input.index = static_cast<uint32_t>(i);
    input.pooled = nullptr;
    if (!read_view(info[i], input) || !reader.shape(input) || input.rank < 0) return false;
  }
  run.outputs.resize(outputs);
  for (size_t i = 0; i < outputs; ++i) {
    backend_tensor& output = run.outputs[i];
    size_t index = 0;
    if (!reader.index(&index) || !reader.shape(output)) return false;
    output.index = static_cast<uint32_t>(index);
    output.pooled = nullptr;
    if (info.Length() > inputs && info[inputs + i].IsObject()) {
      if (!read_view(info[inputs + i], output)) return false;
    } else {
      output.memory = BACKEND_POOLED;
      output.data = nullptr;
      output.bytes = 0;
    }
  }
  return true;
}

void Session::submit(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info.Env());
  if (handle_ == nullptr) throw failure(info.Env(), BACKEND_CLOSED, "the native session is closed");
  Run* const run = environment.run_pool().take();
  Request request{};
  if (!read_request(info, &request, *run)) {
    environment.run_pool().give_back(run);
    throw failure(info.Env(), BACKEND_INVALID_ARGUMENT, "submit() was called with arguments it does not take");
  }
  run->submit(environment, static_cast<size_t>(request.id), handle_, static_cast<int32_t>(request.lane),
              static_cast<uint64_t>(request.budget_ns));
}

void Session::cancel(const Napi::CallbackInfo& info) {
  Environment::of(info.Env()).cancel_run(info[0].As<Napi::Number>().Uint32Value());
}

Napi::Value Session::alloc(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (handle_ == nullptr) throw failure(env, BACKEND_CLOSED, "the native session is closed");
  const double wanted = info[0].As<Napi::Number>().DoubleValue();
  const backend_api& api = handle_->api();
  ErrorText error;
  void* data = nullptr;
  const size_t bytes = static_cast<size_t>(wanted);
  const backend_status status = api.host_alloc(handle_->get(), bytes, &data, error.out());
  if (status != BACKEND_OK) throw failure(env, status, error.text());
  napi_value const wrapped = wrap(env, data, bytes, api.host_free, data);
  if (wrapped == nullptr) {  // foreign memory is forbidden here: ordinary memory, which backends stage
    api.host_free(data);
    return Napi::ArrayBuffer::New(env, bytes);
  }
  const Napi::Object buffer(env, wrapped);
  forget_collected();
  allocations_.push_back({static_cast<const char*>(data), bytes, Napi::Weak(buffer)});
  return buffer;
}

void Session::forget_collected() {
  allocations_.erase(std::remove_if(allocations_.begin(), allocations_.end(),
                                    [](const Allocation& each) { return each.buffer.Value().IsEmpty(); }),
                     allocations_.end());
}

Napi::Value Session::control(const Napi::CallbackInfo& info) {
  if (handle_ == nullptr) throw failure(info.Env(), BACKEND_CLOSED, "the native session is closed");
  return start_control(info, [handle = handle_](const ControlCall& call) {
    return handle->api().session_control(handle->get(), call.verb, call.arguments, call.answer, call.error);
  });
}

// Null: closed, or a backend that does not describe its sessions.
Napi::Value Session::describe(const Napi::CallbackInfo& info) {
  if (handle_ == nullptr) return info.Env().Null();
  std::string facts;
  const backend_sink sink = text_sink(&facts);
  ErrorText error;
  const backend_status status = handle_->api().session_control(handle_->get(), "describe", nullptr, &sink, error.out());
  if (status != BACKEND_OK) return info.Env().Null();
  return Napi::String::New(info.Env(), facts);
}

Napi::Value Session::close(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  for (Allocation& each : allocations_) {
    const Napi::Value buffer = each.buffer.Value();
    if (!buffer.IsEmpty()) napi_detach_arraybuffer(env, buffer);
  }
  allocations_.clear();
  auto task = std::make_unique<FreeTask>(std::move(handle_));
  handle_.reset();
  return Task::start(std::move(task), env.Undefined(), env.Undefined(), env.Undefined()).Get("promise");
}

}  // namespace trtn
