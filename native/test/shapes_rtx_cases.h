// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_TEST_SHAPES_RTX_CASES_H_
#define TENSORRT_NODE_TEST_SHAPES_RTX_CASES_H_

namespace shapes_test {

// Drives the TensorRT-RTX, or the dispatch runtime of TensorRT 10 or 11, of this folder in a process of its own.
// False: a check failed, or the library crashed.
bool driveInChild(const char* folder);

}  // namespace shapes_test

#endif  // TENSORRT_NODE_TEST_SHAPES_RTX_CASES_H_
