// SPDX-License-Identifier: Apache-2.0
// What of running an engine can be decided without one: profiles, requests, caches, texts. Runs themselves: device_test.cc.
#include "run_cases.h"

int main() {
  run_test::profile_cases();
  run_test::request_cases();
  run_test::cache_cases();
  run_test::padding_cases();
  run_test::text_cases();
  std::puts("run_test: all passed");
  return 0;
}
