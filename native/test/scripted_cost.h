// SPDX-License-Identifier: Apache-2.0
// How long a scripted run takes.
#ifndef TENSORRT_NODE_TEST_SCRIPTED_COST_H_
#define TENSORRT_NODE_TEST_SCRIPTED_COST_H_

#include <cmath>
#include <cstdint>
#include <cstring>

#include "backend.h"
#include "scripted_settings.h"

namespace trtn::scripted {

// Uniform in (0, 1], the same for the same number: splitmix64.
inline double uniform(uint64_t number) {
  uint64_t mixed = number * 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  return (static_cast<double>((mixed ^ (mixed >> 31)) >> 11) + 1) * 0x1p-53;
}

// Lognormal around 1. `number` is the run's: runs differ, two sessions do the same.
inline double noise(int64_t percent, uint64_t number) {
  if (percent == 0) return 1;
  constexpr double kTwoPi = 6.283185307179586;
  const double normal = std::sqrt(-2 * std::log(uniform(2 * number))) * std::cos(kTwoPi * uniform(2 * number + 1));
  return std::exp(static_cast<double>(percent) / 100 * normal);
}

// Microseconds of the session's n-th run.
inline int64_t cost_us(const Settings& settings, const backend_run& run, int64_t number) {
  const backend_tensor& first = run.inputs[0];
  if (settings.delay_from_input && first.bytes >= sizeof(float)) {
    float ms = 0;
    std::memcpy(&ms, first.data, sizeof ms);
    return static_cast<int64_t>(ms * 1000);
  }
  const int64_t rows = first.rank > 0 ? first.dims[0] : 1;
  const auto fixed = static_cast<double>(settings.delay_us + settings.row_us * rows);
  return static_cast<int64_t>(fixed * noise(settings.noise_percent, static_cast<uint64_t>(number)));
}

}  // namespace trtn::scripted

#endif  // TENSORRT_NODE_TEST_SCRIPTED_COST_H_
