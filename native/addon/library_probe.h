// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_ADDON_LIBRARY_PROBE_H_
#define TENSORRT_NODE_ADDON_LIBRARY_PROBE_H_

#include <napi.h>

#include "backend.h"

namespace trtn {

// probeLibrary() of lib/backend/native.ts: may crash with the library it loads, so only for a child process.
Napi::Value probe_library(const Napi::CallbackInfo& info);

// The table of a backend in a shared library; throws Napi::Error. The library is never unloaded.
const backend_api* load_backend_library(Napi::Env env, const std::string& path);

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_LIBRARY_PROBE_H_
