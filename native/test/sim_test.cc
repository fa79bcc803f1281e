// SPDX-License-Identifier: Apache-2.0
// The simulator, tested before it tests anything: a check that cannot fail proves nothing.
#include <unistd.h>

#include "sim_cases.h"

extern "C" int sim_runtime_version() { return 13000; }

int main() {
  sim_test::cudaCases();
  sim_test::captureCases();
  sim_test::faultCases();
  char path[4096] = {};
  CHECK(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
  const std::string self = path;
  sim_test::trtCases(self.substr(0, self.rfind('/')) + "/sim");
  std::printf("sim: all passed\n");
  return 0;
}
