// SPDX-License-Identifier: Apache-2.0
// The whole test framework of the plain C++ tests: they must build with nothing but a compiler.
#ifndef TENSORRT_NODE_TEST_CHECK_H_
#define TENSORRT_NODE_TEST_CHECK_H_

#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)

#endif  // TENSORRT_NODE_TEST_CHECK_H_
