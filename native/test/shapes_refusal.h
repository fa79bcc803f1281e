// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_TEST_SHAPES_REFUSAL_H_
#define TENSORRT_NODE_TEST_SHAPES_REFUSAL_H_

#include <string>

#include "check.h"
#include "error.h"
#include "tensorrt/trt.h"

namespace shapes_test {

// What the body is refused with, which must be this status.
template <typename Body>
std::string refusal(backend_status status, Body&& body) {
  try {
    body();
  } catch (const trtn::Error& error) {
    CHECK(error.status() == status);
    return error.what();
  }
  CHECK(!"this was to be refused");
  return {};
}

inline bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace shapes_test

#endif  // TENSORRT_NODE_TEST_SHAPES_REFUSAL_H_
