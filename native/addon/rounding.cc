// SPDX-License-Identifier: Apache-2.0
#include "rounding.h"

#include <atomic>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "failure.h"
#include "gptq.h"
#include "task.h"

namespace trtn {
namespace {

Napi::Float32Array floats(const Napi::CallbackInfo& info, size_t index) {
  const Napi::Value value = info[index];
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    throw failure(info.Env(), BACKEND_INVALID_ARGUMENT, "expected a Float32Array");
  }
  return value.As<Napi::Float32Array>();
}

// Reads the arrays of JavaScript in place: the task's `keep` holds them, and JavaScript leaves them as they are meanwhile.
class RoundTask final : public Task {
 public:
  explicit RoundTask(const RoundingProblem& problem)
      : problem_(problem), codes_(problem.channels * problem.size), chosen_(problem.channels) {
    problem_.codes = codes_.data();
    problem_.chosen = chosen_.data();
  }

  void cancel() noexcept override {
    cancelled_.store(true, std::memory_order_relaxed);
    Task::cancel();
  }

 protected:
  backend_status run(backend_error* error) override {
    if (round_rows(problem_, cancelled_)) return BACKEND_OK;
    const bool stopped = cancelled_.load(std::memory_order_relaxed);
    const char* const text = stopped ? "rounding was cancelled" : "no memory for rounding a layer's weights";
    error->length = static_cast<size_t>(std::snprintf(error->message, error->capacity, "%s", text));
    return stopped ? BACKEND_CANCELLED : BACKEND_OUT_OF_MEMORY;
  }

  Napi::Value result(Napi::Env env) override {
    Napi::Int8Array codes = Napi::Int8Array::New(env, codes_.size());
    std::memcpy(codes.Data(), codes_.data(), codes_.size());
    Napi::Float32Array scales = Napi::Float32Array::New(env, chosen_.size());
    std::memcpy(scales.Data(), chosen_.data(), chosen_.size() * sizeof(float));
    Napi::Object out = Napi::Object::New(env);
    out.Set("codes", codes);
    out.Set("scales", scales);
    return out;
  }

 private:
  RoundingProblem problem_;
  std::vector<int8_t> codes_;
  std::vector<float> chosen_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace

Napi::Value round_rows_of(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Float32Array values = floats(info, 0);
  const Napi::Float32Array covariance = floats(info, 1);
  const Napi::Float32Array scales = floats(info, 2);
  const Napi::Float32Array floors = floats(info, 3);
  const size_t channels = scales.ElementLength();
  const size_t size = channels == 0 ? 0 : values.ElementLength() / channels;
  const bool fits = size > 0 && channels * size == values.ElementLength() && floors.ElementLength() == channels &&
                    covariance.ElementLength() == size * size;
  if (!fits) throw failure(env, BACKEND_INVALID_ARGUMENT, "values, covariance, scales and floors do not fit together");
  const RoundingProblem problem{values.Data(), channels,      size,    covariance.Data(),
                                scales.Data(), floors.Data(), nullptr, nullptr};
  Napi::Array keep = Napi::Array::New(env, 4);
  for (uint32_t i = 0; i < 4; ++i) keep.Set(i, info[i]);
  return Task::start(std::make_unique<RoundTask>(problem), keep, env.Undefined(), env.Undefined());
}

}  // namespace trtn
