// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_ADDON_PRECISION_H_
#define TENSORRT_NODE_ADDON_PRECISION_H_

#include <napi.h>

namespace trtn {

// extentOf(values, into) and countInto(values, limit, positive, negative) of lib/backend/native.ts: on the JS thread, for
// as long as the values take.
void extent_of_values(const Napi::CallbackInfo& info);
void count_values(const Napi::CallbackInfo& info);

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_PRECISION_H_
