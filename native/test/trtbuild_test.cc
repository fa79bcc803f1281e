// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "trtbuild_cases.h"

int main() {
  trtbuild_test::profileCases();
  trtbuild_test::settingCases();
  trtbuild_test::logCases();
  trtbuild_test::parseCases();
  trtbuild_test::modelCases();
  trtbuild_test::driverCases();
  trtbuild_test::turnCases();
  std::puts("trtbuild: ok");
  return 0;
}
