// SPDX-License-Identifier: Apache-2.0
// Rounding by the error of the output: against all codes there are, and against the nearest ones.
#include "gptq.h"

#include <atomic>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "check.h"

namespace {

std::atomic<bool> never{false};

double error_of(const std::vector<float>& values, const std::vector<float>& covariance,
                const std::vector<int8_t>& codes, float scale) {
  const size_t size = values.size();
  double error = 0;
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) {
      error += (values[i] - codes[i] * scale) * covariance[i * size + j] * (values[j] - codes[j] * scale);
    }
  }
  return error;
}

struct Row {
  std::vector<int8_t> codes;
  float scale;
};

Row round_one(const std::vector<float>& values, const std::vector<float>& covariance, float scale, float floor = 0) {
  Row row{std::vector<int8_t>(values.size()), 0};
  const trtn::RoundingProblem problem{values.data(), 1,      values.size(),    covariance.data(),
                                      &scale,        &floor, row.codes.data(), &row.scale};
  CHECK(trtn::round_rows(problem, never));
  return row;
}

void independent_inputs_round_to_the_nearest() {
  const Row row = round_one({0.4f, -1.6f, 2.0f}, {1, 0, 0, 0, 1, 0, 0, 0, 1}, 1.0f, 1.0f);
  CHECK(row.scale == 1.0f);
  CHECK(row.codes == (std::vector<int8_t>{0, -2, 2}));
}

// Two inputs that are always equal: only the sum of the weights matters. 0.4 + 0.4 is nearer to 1 than to 0.
void equal_inputs_share_what_rounding_loses() {
  const Row row = round_one({0.4f, 0.4f}, {1, 0.999f, 0.999f, 1}, 1.0f, 1.0f);
  CHECK(row.codes[0] + row.codes[1] == 1);
}

void codes_stay_within_their_range() {
  const Row row = round_one({1000.0f, -1000.0f}, {1, 0, 0, 1}, 1.0f, 1.0f);
  CHECK(row.codes == (std::vector<int8_t>{127, -127}));
}

void an_indefinite_covariance_still_rounds() {
  const Row row = round_one({0.6f, 0.0f}, {1, 2, 2, 1}, 1.0f, 1.0f);
  for (const int8_t code : row.codes) CHECK(code >= -127);
}

void correlated_inputs_lose_less_than_with_the_nearest_codes() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  const size_t size = 24;
  double found = 0;
  double nearest = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<float> mix(size * size);
    for (float& value : mix) value = normal(random);
    std::vector<float> covariance(size * size);
    for (size_t i = 0; i < size; ++i) {
      for (size_t j = 0; j < size; ++j) {
        for (size_t k = 0; k < 6; ++k) covariance[i * size + j] += mix[i * size + k] * mix[j * size + k];
      }
      covariance[i * size + i] += 0.1f;
    }
    std::vector<float> values(size);
    for (float& value : values) value = 10 * normal(random);
    const Row row = round_one(values, covariance, 1.0f, 1.0f);
    std::vector<int8_t> plain(size);
    for (size_t i = 0; i < size; ++i) plain[i] = static_cast<int8_t>(std::lround(values[i]));
    found += error_of(values, covariance, row.codes, row.scale);
    nearest += error_of(values, covariance, plain, 1.0f);
  }
  CHECK(found < nearest / 4);
}

void cancelling_stops_it() {
  const std::atomic<bool> cancelled{true};
  const float value = 1;
  const float zero = 0;
  int8_t code = 0;
  float scale = 0;
  CHECK(!trtn::round_rows({&value, 1, 1, &value, &value, &zero, &code, &scale}, cancelled));
}

}  // namespace

int main() {
  independent_inputs_round_to_the_nearest();
  equal_inputs_share_what_rounding_loses();
  codes_stay_within_their_range();
  an_indefinite_covariance_still_rounds();
  correlated_inputs_lose_less_than_with_the_nearest_codes();
  cancelling_stops_it();
  std::puts("ok");
}
