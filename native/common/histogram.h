// SPDX-License-Identifier: Apache-2.0
// Statistics of a tensor's values, for calibration: no allocation, no state, any thread. lib/onnx/calibration/kernels.ts
// holds the same in JavaScript; results are equal bit for bit.
#ifndef TENSORRT_NODE_COMMON_HISTOGRAM_H_
#define TENSORRT_NODE_COMMON_HISTOGRAM_H_

#include <cstddef>

namespace trtn {

struct Extent {
  float min;  // 0 where there are no values; never -0
  float max;
  bool finite;  // no NaN and no infinity among them; else min and max mean nothing
};

Extent extent_of(const float* values, size_t count) noexcept;

constexpr size_t kHistogramBins = 4096;

// Counts values into bins of equal width over [0, limit): those >= 0 (and -0) into `positive`, the magnitudes of the others
// into `negative`, each of kHistogramBins. `limit` is a power of two, 2^-64 … 2^128, and above every magnitude; then each
// value's bin is exact. What breaks this lands in some bin.
void count_into(const float* values, size_t count, double limit, double* positive, double* negative) noexcept;

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_HISTOGRAM_H_
