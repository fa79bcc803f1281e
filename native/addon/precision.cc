// SPDX-License-Identifier: Apache-2.0
#include "precision.h"

#include "failure.h"
#include "histogram.h"

namespace trtn {
namespace {

Napi::Float32Array floats(const Napi::CallbackInfo& info, size_t index) {
  const Napi::Value value = info[index];
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    throw failure(info.Env(), BACKEND_INVALID_ARGUMENT, "expected a Float32Array");
  }
  return value.As<Napi::Float32Array>();
}

Napi::Float64Array doubles(const Napi::CallbackInfo& info, size_t index, size_t length) {
  const Napi::Value value = info[index];
  const bool fits = value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float64_array &&
                    value.As<Napi::TypedArray>().ElementLength() == length;
  if (!fits) throw failure(info.Env(), BACKEND_INVALID_ARGUMENT, "expected a Float64Array of the right length");
  return value.As<Napi::Float64Array>();
}

}  // namespace

void extent_of_values(const Napi::CallbackInfo& info) {
  const Napi::Float32Array values = floats(info, 0);
  Napi::Float64Array into = doubles(info, 1, 3);
  const Extent extent = extent_of(values.Data(), values.ElementLength());
  into[0] = static_cast<double>(extent.min);
  into[1] = static_cast<double>(extent.max);
  into[2] = extent.finite ? 1.0 : 0.0;
}

void count_values(const Napi::CallbackInfo& info) {
  const Napi::Float32Array values = floats(info, 0);
  Napi::Float64Array positive = doubles(info, 2, kHistogramBins);
  Napi::Float64Array negative = doubles(info, 3, kHistogramBins);
  count_into(values.Data(), values.ElementLength(), info[1].ToNumber().DoubleValue(), positive.Data(), negative.Data());
}

}  // namespace trtn
