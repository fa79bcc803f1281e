// SPDX-License-Identifier: Apache-2.0
// Backend memory as ArrayBuffers.
#ifndef TENSORRT_NODE_ADDON_BUFFERS_H_
#define TENSORRT_NODE_ADDON_BUFFERS_H_

#include <napi.h>

#include <cstddef>

namespace trtn {

// An ArrayBuffer over `data`, which `free(hint)` gives back once JavaScript has let go of it. Where the runtime forbids
// foreign memory (Electron's cage), and where a copy is cheaper than a finalizer, it is a copy and `free` is called at
// once; `copied` tells. Null if JavaScript takes no values any more; `free` has then been called. Never throws.
napi_value adopt(napi_env env, void* data, size_t bytes, void (*free)(void* hint), void* hint, bool* copied) noexcept;

// The same over memory that must never be a copy (a caller writes into it): null where foreign memory is forbidden;
// `free` is then left to the caller.
napi_value wrap(napi_env env, void* data, size_t bytes, void (*free)(void* hint), void* hint) noexcept;

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_BUFFERS_H_
