// SPDX-License-Identifier: Apache-2.0
// Nothing thrown crosses the C ABI: the caller may be built by another compiler. Every entry of a backend's table is one
// line through guard().
#ifndef TENSORRT_NODE_COMMON_GUARD_H_
#define TENSORRT_NODE_COMMON_GUARD_H_

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "backend.h"
#include "error.h"

namespace trtn {

inline backend_status report(backend_error* out, backend_status status, const char* message) noexcept {
  if (out == nullptr) return status;
  out->length = std::strlen(message);
  if (out->message == nullptr || out->capacity == 0) return status;
  const size_t kept = std::min(out->length, out->capacity - 1);
  std::memcpy(out->message, message, kept);
  out->message[kept] = '\0';
  return status;
}

template <typename Body>
backend_status guard(backend_error* out, Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return BACKEND_OK;
  } catch (const Error& e) {
    return report(out, e.status(), e.what());
  } catch (const std::bad_alloc&) {
    return report(out, BACKEND_OUT_OF_MEMORY, "The host has no memory left for this call.");
  } catch (const std::exception& e) {
    return report(out, BACKEND_INTERNAL, e.what());
  } catch (...) {
    return report(out, BACKEND_INTERNAL, "An exception of unknown type was thrown.");
  }
}

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_GUARD_H_
