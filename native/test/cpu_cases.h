// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_TEST_CPU_CASES_H_
#define TENSORRT_NODE_TEST_CPU_CASES_H_

#include <vector>

namespace cpu_test {

struct Case {
  const char* name;
  void (*body)();
};

// Each file of cases adds its own; main() runs all of them.
void add_run_cases(std::vector<Case>& cases);
void add_build_cases(std::vector<Case>& cases);
void add_external_cases(std::vector<Case>& cases);
void add_lifetime_cases(std::vector<Case>& cases);

inline const std::vector<Case>& cases() {
  static auto* const all = [] {
    auto* list = new std::vector<Case>;
    add_build_cases(*list);
    add_external_cases(*list);
    add_run_cases(*list);
    add_lifetime_cases(*list);
    return list;
  }();
  return *all;
}

}  // namespace cpu_test

#endif  // TENSORRT_NODE_TEST_CPU_CASES_H_
