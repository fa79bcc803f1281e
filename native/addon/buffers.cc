// SPDX-License-Identifier: Apache-2.0
#include "buffers.h"

#include <cstring>
#include <memory>

namespace trtn {
namespace {

// Below this a fresh JS buffer and a memcpy cost less than an external buffer and its finalizer (measured: 0.4 against
// 0.6 µs at 1 KB, without the deferred finalizer call).
constexpr size_t kCopyBytes = 16384;

struct Owner {
  void (*free)(void* hint);
  void* hint;
};

void finalize(napi_env, void*, void* hint) {
  const std::unique_ptr<Owner> owner(static_cast<Owner*>(hint));
  owner->free(owner->hint);
}

}  // namespace

napi_value wrap(napi_env env, void* data, size_t bytes, void (*free)(void*), void* hint) noexcept {
  auto owner = std::make_unique<Owner>(Owner{free, hint});
  napi_value value = nullptr;
  if (napi_create_external_arraybuffer(env, data, bytes, finalize, owner.get(), &value) != napi_ok) return nullptr;
  (void)owner.release();
  return value;
}

napi_value adopt(napi_env env, void* data, size_t bytes, void (*free)(void*), void* hint, bool* copied) noexcept {
  *copied = false;
  if (bytes > kCopyBytes) {
    if (napi_value external = wrap(env, data, bytes, free, hint)) return external;
  }
  *copied = true;
  const std::unique_ptr<void, void (*)(void*)> given_back(hint, free);
  void* fresh = nullptr;
  napi_value value = nullptr;
  if (napi_create_arraybuffer(env, bytes, &fresh, &value) != napi_ok) return nullptr;
  if (bytes > 0) std::memcpy(fresh, data, bytes);
  return value;
}

}  // namespace trtn
