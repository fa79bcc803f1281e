// SPDX-License-Identifier: Apache-2.0
// The CPU backend through its table, on a real ONNX Runtime: cpu_backend_test <path of libonnxruntime.so> [part of a name]
#include "cpu_cases.h"
#include "cpu_harness.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s <absolute path of libonnxruntime.so>\n", argv[0]);
    return 2;
  }
  cpu_test::library_path() = argv[1];
  size_t passed = 0;
  for (const cpu_test::Case& each : cpu_test::cases()) {
    if (argc > 2 && std::string(each.name).find(argv[2]) == std::string::npos) continue;
    std::printf("%s\n", each.name);
    std::fflush(stdout);
    each.body();
    ++passed;
  }
  std::printf("%zu passed, 0 failed\n", passed);
  return passed > 0 ? 0 : 1;
}
