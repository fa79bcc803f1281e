// SPDX-License-Identifier: Apache-2.0
#include "histogram.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace trtn {
namespace {

// Vectors of GCC and clang: SSE2 on x86-64, NEON on arm64, without a line for either.
typedef int32_t Ints __attribute__((vector_size(16)));
typedef float Floats __attribute__((vector_size(16)));
constexpr size_t kWidth = sizeof(Ints) / sizeof(int32_t);
// Independent vectors in flight, so that none waits for the one before.
constexpr size_t kUnroll = 4;
constexpr size_t kStep = kWidth * kUnroll;
constexpr size_t kBlock = 512;
// Tables in turn: a value's bin is often its neighbour's, and an increment must not wait for the last one.
constexpr size_t kTables = 4;
// A 32-bit counter must not overflow before it is added to the doubles.
constexpr size_t kMostAtOnce = size_t{1} << 31;
constexpr double kLeastLimit = 0x1p-64;
constexpr double kMostLimit = 0x1p128;
constexpr size_t kFew = 16384;
constexpr int32_t kInfinity = 0x7f800000;
constexpr int32_t kLastBin = static_cast<int32_t>(kHistogramBins) - 1;

template <typename Vector>
inline Vector load(const float* values) noexcept {
  Vector vector;
  std::memcpy(&vector, values, sizeof vector);
  return vector;
}

inline Ints select(Ints where, Ints then, Ints otherwise) noexcept { return (where & then) | (~where & otherwise); }

// Bits of a float as an integer of the same order: -NaN < -inf < … < -0 < 0 < … < inf < NaN.
template <typename T>
inline T ordered(T bits) noexcept {
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

inline float value_of(int32_t key) noexcept {
  const int32_t bits = ordered(key);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value + 0.0f;  // -0 becomes 0
}

struct Extremes {
  std::array<Ints, kUnroll> low;
  std::array<Ints, kUnroll> high;

  explicit Extremes(float first) {
    int32_t bits;
    std::memcpy(&bits, &first, sizeof bits);
    low.fill(Ints{} + ordered(bits));
    high.fill(Ints{} + ordered(bits));
  }
  void take(const float* values) noexcept {
    for (size_t i = 0; i < kUnroll; ++i) {
      const Ints key = ordered(load<Ints>(values + i * kWidth));
      low[i] = select(key < low[i], key, low[i]);
      high[i] = select(key > high[i], key, high[i]);
    }
  }
};

using Counters = std::array<std::array<uint32_t, 2 * kHistogramBins>, kTables>;

// Where a value is counted: its bin, behind all bins of the others where it is negative. Scaling by a power of two is
// exact, and so is what is cut off. The mask keeps NaN and what is too large inside of the table.
inline void bins_of(const float* values, float scale, int32_t* bins) noexcept {
  for (size_t i = 0; i < kUnroll; ++i) {
    const Floats value = load<Floats>(values + i * kWidth);
    const Floats scaled = value * scale;
    const Ints usable = (scaled > -4096.0f) & (scaled < 4096.0f);
    const Floats inside = (Floats)((Ints)scaled & usable);
    const Ints bin = __builtin_convertvector(inside, Ints);
    const Ints below = value < 0.0f;
    const Ints place = (((bin ^ below) - below) & kLastBin) | (below & (kLastBin + 1));
    std::memcpy(bins + i * kWidth, &place, sizeof place);
  }
}

void find_bins(const float* values, size_t count, float scale, int32_t* bins) noexcept {
  size_t done = 0;
  for (; done + kStep <= count; done += kStep) bins_of(values + done, scale, bins + done);
  if (done == count) return;
  float rest[kStep] = {};
  std::copy(values + done, values + count, rest);
  bins_of(rest, scale, bins + done);
}

void count_block(const float* values, size_t count, float scale, Counters& counters) noexcept {
  int32_t bins[kBlock];
  find_bins(values, count, scale, bins);
  size_t i = 0;
  for (; i + kTables <= count; i += kTables) {
    for (size_t table = 0; table < kTables; ++table) ++counters[table][static_cast<size_t>(bins[i + table])];
  }
  for (; i < count; ++i) ++counters[0][static_cast<size_t>(bins[i])];
}

// Few values: cheaper than to clear and add the tables.
void count_few(const float* values, size_t count, float scale, double* positive, double* negative) noexcept {
  int32_t bins[kBlock];
  for (size_t done = 0; done < count; done += kBlock) {
    const size_t some = std::min(kBlock, count - done);
    find_bins(values + done, some, scale, bins);
    for (size_t i = 0; i < some; ++i) ++(bins[i] <= kLastBin ? positive : negative)[bins[i] & kLastBin];
  }
}

void add(const Counters& counters, size_t begin, double* bins) noexcept {
  for (size_t bin = 0; bin < kHistogramBins; ++bin) {
    for (const auto& table : counters) bins[bin] += static_cast<double>(table[begin + bin]);
  }
}

}  // namespace

Extent extent_of(const float* values, size_t count) noexcept {
  if (count == 0) return {0.0f, 0.0f, true};
  Extremes extremes(values[0]);
  size_t done = 0;
  for (; done + kStep <= count; done += kStep) extremes.take(values + done);
  if (done < count) {
    float rest[kStep];
    std::fill(rest, rest + kStep, values[0]);
    std::copy(values + done, values + count, rest);
    extremes.take(rest);
  }
  int32_t low = INT32_MAX;
  int32_t high = INT32_MIN;
  for (size_t i = 0; i < kStep; ++i) {
    low = std::min(low, extremes.low[i / kWidth][i % kWidth]);
    high = std::max(high, extremes.high[i / kWidth][i % kWidth]);
  }
  return {value_of(low), value_of(high), high < kInfinity && low > ordered(kInfinity | INT32_MIN)};
}

void count_into(const float* values, size_t count, double limit, double* positive, double* negative) noexcept {
  const double usable = limit >= kLeastLimit ? std::min(limit, kMostLimit) : kLeastLimit;
  const auto scale = static_cast<float>(static_cast<double>(kHistogramBins) / usable);
  if (count < kFew) return count_few(values, count, scale, positive, negative);
  while (count > 0) {
    Counters counters{};
    const size_t most = std::min(count, kMostAtOnce);
    for (size_t done = 0; done < most; done += kBlock) {
      count_block(values + done, std::min(kBlock, most - done), scale, counters);
    }
    add(counters, 0, positive);
    add(counters, kHistogramBins, negative);
    values += most;
    count -= most;
  }
}

}  // namespace trtn
