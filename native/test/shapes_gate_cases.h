// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_TEST_SHAPES_GATE_CASES_H_
#define TENSORRT_NODE_TEST_SHAPES_GATE_CASES_H_

namespace shapes_test {

void lateSlotsAreNotCalled();

}  // namespace shapes_test

#endif  // TENSORRT_NODE_TEST_SHAPES_GATE_CASES_H_
