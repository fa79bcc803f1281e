// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_TEST_RUN_CASES_H_
#define TENSORRT_NODE_TEST_RUN_CASES_H_

#include <string>

#include "check.h"
#include "error.h"

namespace run_test {

// What `body` throws must have this status, and say every one of these parts.
template <typename Body, typename... Parts>
void refuses(backend_status status, Body&& body, Parts... parts) {
  try {
    body();
  } catch (const trtn::Error& error) {
    CHECK(error.status() == status);
    const std::string text = error.what();
    for (const char* part : {parts...}) {
      if (text.find(part) == std::string::npos) std::fprintf(stderr, "'%s' is not in: %s\n", part, text.c_str());
      CHECK(text.find(part) != std::string::npos);
    }
    return;
  }
  CHECK(!"an error was expected");
}

void profile_cases();
void request_cases();
void cache_cases();
void padding_cases();
void text_cases();

}  // namespace run_test

#endif  // TENSORRT_NODE_TEST_RUN_CASES_H_
