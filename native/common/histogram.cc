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
typedef uint32_t Words __attribute__((vector_size(16)));
typedef float Floats __attribute__((vector_size(16)));
constexpr size_t kWidth = sizeof(Ints) / sizeof(int32_t);
// Independent vectors in flight, so that none waits for the one before.
constexpr size_t kUnroll = 4;
constexpr size_t kStep = kWidth * kUnroll;
constexpr size_t kBlock = 512;
// Tables in turn: a value's bin is often its neighbour's, and an increment must not wait for the last one.
constexpr size_t kTables = 2;
// A 32-bit counter must not overflow before it is added to the doubles.
constexpr size_t kMostAtOnce = size_t{1} << 31;
constexpr double kLeastLimit = 0x1p-64;
constexpr double kMostLimit = 0x1p128;
constexpr size_t kFew = 16384;
constexpr int32_t kInfinity = 0x7f800000;
constexpr int32_t kPlaces = 2 * static_cast<int32_t>(kHistogramBins);

template <typename Vector>
inline Vector load(const float* values) noexcept {
  Vector vector;
  std::memcpy(&vector, values, sizeof vector);
  return vector;
}

struct Extremes {
  std::array<Floats, kUnroll> low;
  std::array<Floats, kUnroll> high;
  std::array<Ints, kUnroll> strange{};

  explicit Extremes(float first) {
    low.fill(Floats{} + first);
    high.fill(Floats{} + first);
  }
  void take(const float* values) noexcept {
    for (size_t i = 0; i < kUnroll; ++i) {
      const Floats value = load<Floats>(values + i * kWidth);
      low[i] = value < low[i] ? value : low[i];
      high[i] = value > high[i] ? value : high[i];
      strange[i] |= ((Ints)value & kInfinity) == kInfinity;
    }
  }
};

using Counters = std::array<std::array<uint32_t, kPlaces>, kTables>;

// Where a value is counted: bin k of those >= 0 at k, of the others at kPlaces - 1 - k. Scaling by a power of two is exact, and
// so is what is cut off. The mask keeps whatever becomes of NaN and of what is too large inside of the table.
inline void places_of(const float* values, float scale, int32_t* places) noexcept {
  for (size_t i = 0; i < kUnroll; ++i) {
    const Floats value = load<Floats>(values + i * kWidth);
    const Ints bin = __builtin_convertvector(value * scale, Ints);
    const Words place = ((Words)bin + (Words)(value < 0.0f)) & (kPlaces - 1u);  // "true" is -1
    std::memcpy(places + i * kWidth, &place, sizeof place);
  }
}

void find_places(const float* values, size_t count, float scale, int32_t* places) noexcept {
  size_t done = 0;
  for (; done + kStep <= count; done += kStep) places_of(values + done, scale, places + done);
  if (done == count) return;
  float rest[kStep] = {};
  std::copy(values + done, values + count, rest);
  places_of(rest, scale, places + done);
}

void count_block(const float* values, size_t count, float scale, Counters& counters) noexcept {
  int32_t places[kBlock];
  find_places(values, count, scale, places);
  size_t i = 0;
  for (; i + kTables <= count; i += kTables) {
    for (size_t table = 0; table < kTables; ++table) ++counters[table][static_cast<size_t>(places[i + table])];
  }
  for (; i < count; ++i) ++counters[0][static_cast<size_t>(places[i])];
}

// Few values: cheaper than to clear and add the tables.
void count_few(const float* values, size_t count, float scale, double* positive, double* negative) noexcept {
  int32_t places[kBlock];
  for (size_t done = 0; done < count; done += kBlock) {
    const size_t some = std::min(kBlock, count - done);
    find_places(values + done, some, scale, places);
    for (size_t i = 0; i < some; ++i) {
      const int32_t place = places[i];
      ++(place < kPlaces / 2 ? positive[place] : negative[kPlaces - 1 - place]);
    }
  }
}

void add(const Counters& counters, double* positive, double* negative) noexcept {
  for (size_t bin = 0; bin < kHistogramBins; ++bin) {
    for (const auto& table : counters) {
      positive[bin] += static_cast<double>(table[bin]);
      negative[bin] += static_cast<double>(table[kPlaces - 1 - bin]);
    }
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
  Extent extent{values[0], values[0], true};
  for (size_t i = 0; i < kStep; ++i) {
    extent.min = std::min(extent.min, extremes.low[i / kWidth][i % kWidth]);
    extent.max = std::max(extent.max, extremes.high[i / kWidth][i % kWidth]);
    extent.finite = extent.finite && extremes.strange[i / kWidth][i % kWidth] == 0;
  }
  if (!extent.finite) return {0.0f, 0.0f, false};
  return {extent.min + 0.0f, extent.max + 0.0f, true};  // -0 becomes 0
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
    add(counters, positive, negative);
    values += most;
    count -= most;
  }
}

}  // namespace trtn
