// SPDX-License-Identifier: Apache-2.0
#include "build_task.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "buffers.h"
#include "control.h"

namespace trtn {
namespace {

std::vector<int64_t> numbers(const Napi::Value& value) {
  const Napi::Array list = value.As<Napi::Array>();
  std::vector<int64_t> out(list.Length());
  for (uint32_t i = 0; i < list.Length(); ++i) out[i] = list.Get(i).As<Napi::Number>().Int64Value();
  return out;
}

}  // namespace

ByteBuffer::~ByteBuffer() { std::free(data_); }

bool ByteBuffer::append(const void* data, size_t bytes) noexcept {
  if (size_ + bytes > capacity_) {
    const size_t wanted = std::max(size_ + bytes, capacity_ * 2);
    char* const grown = static_cast<char*>(std::realloc(data_, wanted));
    if (grown == nullptr) return false;
    data_ = grown;
    capacity_ = wanted;
  }
  std::memcpy(data_ + size_, data, bytes);
  size_ += bytes;
  return true;
}

Napi::Value ByteBuffer::adopt(Napi::Env env) {
  bool copied = false;
  char* const data = std::exchange(data_, nullptr);
  return {env, trtn::adopt(env, data, size_, std::free, data, &copied)};
}

BuildTask::BuildTask(const backend_api* api, const Napi::Object& request)
    : api_(api), options_(request.Get("options").As<Napi::Object>()) {
  read_model(request);
  read_profiles(request.Get("profiles").As<Napi::Array>());
}

void BuildTask::read_model(const Napi::Object& request) {
  const Napi::Value model = request.Get("model");
  if (model.IsTypedArray()) {
    const Napi::Uint8Array bytes = model.As<Napi::Uint8Array>();
    model_ = bytes.Data();
    model_bytes_ = bytes.ByteLength();
  }
  const Napi::Value path = request.Get("modelPath");
  has_path_ = path.IsString();
  if (has_path_) model_path_ = path.As<Napi::String>().Utf8Value();
  const Napi::Array externals = request.Get("externals").As<Napi::Array>();
  for (uint32_t i = 0; i < externals.Length(); ++i) {
    const Napi::Object one = externals.Get(i).As<Napi::Object>();
    const Napi::Uint8Array data = one.Get("data").As<Napi::Uint8Array>();
    locations_.push_back(one.Get("location").As<Napi::String>().Utf8Value());
    externals_.push_back({locations_.back().c_str(), data.Data(), data.ByteLength()});
  }
}

void BuildTask::read_profiles(const Napi::Array& profiles) {
  for (uint32_t i = 0; i < profiles.Length(); ++i) {
    const Napi::Array ranges = profiles.Get(i).As<Napi::Array>();
    std::vector<backend_profile_range>& list = range_lists_.emplace_back();
    for (uint32_t j = 0; j < ranges.Length(); ++j) {
      const Napi::Object one = ranges.Get(j).As<Napi::Object>();
      const Range& range = ranges_.emplace_back(Range{one.Get("input").As<Napi::String>().Utf8Value(),
                                                      one.Get("isValues").ToBoolean().Value(), numbers(one.Get("min")),
                                                      numbers(one.Get("opt")), numbers(one.Get("max"))});
      list.push_back({range.input.c_str(), static_cast<int32_t>(range.min.size()), range.is_values ? 1 : 0,
                      range.min.data(), range.opt.data(), range.max.data()});
    }
    profiles_.push_back({list.data(), list.size()});
  }
}

backend_status BuildTask::run(backend_error* error) {
  backend_build_request request{};
  request.struct_size = sizeof request;
  request.model = model_;
  request.model_bytes = model_bytes_;
  request.model_path = has_path_ ? model_path_.c_str() : nullptr;
  request.externals = externals_.data();
  request.external_count = externals_.size();
  request.profiles = profiles_.data();
  request.profile_count = profiles_.size();
  request.options = options_.data();
  request.option_count = options_.size();
  request.observer = observer();
  request.payload = {[](void* user, const void* data, size_t bytes) {
                       BuildTask& task = *static_cast<BuildTask*>(user);
                       if (!task.payload_.append(data, bytes)) task.payload_complete_ = false;
                     },
                     this};
  request.facts = text_sink(&facts_);
  const backend_status status = api_->build(&request, error);
  if (status != BACKEND_OK || payload_complete_) return status;
  error->length =
      static_cast<size_t>(std::snprintf(error->message, error->capacity, "no memory for the engine's bytes"));
  return BACKEND_OUT_OF_MEMORY;
}

Napi::Value BuildTask::result(Napi::Env env) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("payload", payload_.adopt(env));
  out.Set("facts", Napi::String::New(env, facts_));
  return out;
}

}  // namespace trtn
