// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_ADDON_ROUNDING_H_
#define TENSORRT_NODE_ADDON_ROUNDING_H_

#include <napi.h>

namespace trtn {

// roundRows(values, covariance, scales, floors) of lib/backend/native.ts: on a thread of its own. Returns { promise, cancel }.
Napi::Value round_rows_of(const Napi::CallbackInfo& info);

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_ROUNDING_H_
