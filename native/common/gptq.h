// SPDX-License-Identifier: Apache-2.0
// Rounding of a layer's weights to int8 codes by the error of its output: GPTQ's order of decisions in the form of a nearest-plane
// search on the Cholesky factor (one factorisation, no inverse), then coordinate descent. lib/onnx/int8/kernels.ts holds the same
// in JavaScript; sums are taken in another order, so single codes may differ where two are equally good.
#ifndef TENSORRT_NODE_COMMON_GPTQ_H_
#define TENSORRT_NODE_COMMON_GPTQ_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace trtn {

struct RoundingProblem {
  const float* values;  // [channels, size]
  size_t channels;
  size_t size;
  const float* covariance;  // [size, size], symmetric, positive definite
  const float* scales;      // [channels]
  const float* floors;      // [channels]: no scale goes below
  int8_t* codes;            // out: [channels, size], from -127 to 127
  float* chosen;            // out: [channels]
};

// False: cancelled, or out of memory; the results are then incomplete. A covariance that is not positive definite loses the first
// stage only.
bool round_rows(const RoundingProblem& problem, const std::atomic<bool>& cancelled) noexcept;

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_GPTQ_H_
