// SPDX-License-Identifier: Apache-2.0
// What the TensorRT build decides without a TensorRT: fakes of its interface, and the cases by subject.
#ifndef TENSORRT_NODE_TEST_TRTBUILD_CASES_H_
#define TENSORRT_NODE_TEST_TRTBUILD_CASES_H_

#include <string>
#include <utility>

#include "check.h"
#include "tensorrt/unusable.h"

namespace trtbuild_test {

struct Refusal {
  backend_status status = BACKEND_OK;
  std::string message;
  bool says(const char* part) const { return message.find(part) != std::string::npos; }
};

template <typename Body>
Refusal refusalOf(Body&& body) {
  try {
    std::forward<Body>(body)();
  } catch (const trt::Error& error) {
    return {error.status(), error.what()};
  }
  return {};
}

void profileCases();
void settingCases();
void logCases();
void parseCases();
void modelCases();
void driverCases();
void turnCases();

}  // namespace trtbuild_test

#endif  // TENSORRT_NODE_TEST_TRTBUILD_CASES_H_
