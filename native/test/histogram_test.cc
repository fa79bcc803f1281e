// SPDX-License-Identifier: Apache-2.0
// Histograms against a count one by one, for every remainder of the vectors and at every alignment.
#include "histogram.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "check.h"

namespace {

using trtn::kHistogramBins;

struct Histogram {
  std::vector<double> positive = std::vector<double>(kHistogramBins);
  std::vector<double> negative = std::vector<double>(kHistogramBins);

  void count(const float* values, size_t size, double limit) {
    trtn::count_into(values, size, limit, positive.data(), negative.data());
  }
  double total() const {
    return std::accumulate(positive.begin(), positive.end(), 0.0) +
           std::accumulate(negative.begin(), negative.end(), 0.0);
  }
};

std::vector<float> normal(size_t size) {
  std::mt19937 random(7);
  std::normal_distribution<float> next(0.0f, 1.0f);
  std::vector<float> values(size);
  for (float& value : values) value = next(random);
  return values;
}

void counts_what_one_by_one_counts(const float* values, size_t size, double limit) {
  Histogram histogram;
  histogram.count(values, size, limit);
  Histogram expected;
  for (size_t i = 0; i < size; ++i) {
    const double value = static_cast<double>(values[i]);
    const auto bin = static_cast<size_t>(std::floor(std::fabs(value) * static_cast<double>(kHistogramBins) / limit));
    ++(value < 0 ? expected.negative : expected.positive)[bin];
  }
  CHECK(histogram.positive == expected.positive);
  CHECK(histogram.negative == expected.negative);
}

void every_size_and_alignment() {
  const std::vector<float> values = normal(40000);
  for (size_t size = 0; size < 70; ++size) {
    for (size_t offset = 0; offset < 4; ++offset) counts_what_one_by_one_counts(values.data() + offset, size, 8.0);
  }
  for (const size_t size : {511, 512, 513, 16383, 16384, 16385, 39999}) {
    counts_what_one_by_one_counts(values.data() + 1, size, 8.0);
  }
  for (const double limit : {std::ldexp(1.0, 3), std::ldexp(1.0, 40), std::ldexp(1.0, 128)}) {
    counts_what_one_by_one_counts(values.data(), values.size(), limit);
  }
}

void zeros_and_edges() {
  const float values[] = {0.0f, -0.0f, std::nextafter(1.0f, 0.0f), -1e-30f, 0.25f};
  Histogram histogram;
  histogram.count(values, 5, 1.0);
  CHECK(histogram.positive[0] == 2 && histogram.positive[kHistogramBins - 1] == 1);
  CHECK(histogram.positive[kHistogramBins / 4] == 1 && histogram.negative[0] == 1);
}

// The caller looked at the extent before; if it did not, nothing outside of the tables is touched.
void stays_inside_whatever_comes() {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> values = {NAN, -NAN, infinity, -infinity, 1e38f, -1e38f, 1.0f, -1.0f};
  for (const size_t copies : {1, 5000}) {
    std::vector<float> many;
    for (size_t i = 0; i < copies; ++i) many.insert(many.end(), values.begin(), values.end());
    for (const double limit : {1.0, 0.0, -1.0, std::nan(""), 1e300, 1e-300}) {
      Histogram histogram;
      histogram.count(many.data(), many.size(), limit);
      CHECK(histogram.total() == static_cast<double>(many.size()));
    }
  }
}

void extents() {
  CHECK(trtn::extent_of(nullptr, 0).finite);
  const std::vector<float> values = normal(1000);
  for (size_t size = 1; size < 100; ++size) {
    const trtn::Extent extent = trtn::extent_of(values.data() + 3, size);
    CHECK(extent.finite);
    CHECK(extent.min == *std::min_element(values.begin() + 3, values.begin() + 3 + static_cast<ptrdiff_t>(size)));
    CHECK(extent.max == *std::max_element(values.begin() + 3, values.begin() + 3 + static_cast<ptrdiff_t>(size)));
  }
  const float zero = -0.0f;
  CHECK(!std::signbit(trtn::extent_of(&zero, 1).min) && !std::signbit(trtn::extent_of(&zero, 1).max));
}

void what_is_not_finite_is_seen_wherever_it_stands() {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> values = normal(67);
  for (size_t place = 0; place < values.size(); ++place) {
    const float kept = values[place];
    for (const float bad : {NAN, -NAN, infinity, -infinity}) {
      values[place] = bad;
      CHECK(!trtn::extent_of(values.data(), values.size()).finite);
    }
    for (const float good : {std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()}) {
      values[place] = good;
      CHECK(trtn::extent_of(values.data(), values.size()).finite);
    }
    values[place] = kept;
  }
}

}  // namespace

int main() {
  every_size_and_alignment();
  zeros_and_edges();
  stays_inside_whatever_comes();
  extents();
  what_is_not_finite_is_seen_wherever_it_stands();
  std::puts("ok");
}
