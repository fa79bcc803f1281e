// SPDX-License-Identifier: Apache-2.0
#include "gptq.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

namespace trtn {
namespace {

constexpr double kLargest = 127;
constexpr std::array<double, 2> kScaleShares{1.0, 0.85};
constexpr int kSweeps = 4;

// Vectors of GCC and clang, as in histogram.cc.
typedef double Doubles __attribute__((vector_size(16)));
constexpr size_t kWidth = 2;
constexpr size_t kUnroll = 4;
constexpr size_t kStep = kWidth * kUnroll;

inline Doubles load(const double* values) noexcept {
  Doubles vector;
  std::memcpy(&vector, values, sizeof vector);
  return vector;
}

double dot(const double* a, const double* b, size_t count) noexcept {
  Doubles sums[kUnroll] = {};
  size_t i = 0;
  for (; i + kStep <= count; i += kStep) {
    for (size_t k = 0; k < kUnroll; ++k) sums[k] += load(a + i + k * kWidth) * load(b + i + k * kWidth);
  }
  const Doubles all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  double sum = all[0] + all[1];
  for (; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

// to += factor * from. Plain enough for any compiler to vectorise.
void add_scaled(double* to, const double* from, double factor, size_t count) noexcept {
  for (size_t i = 0; i < count; ++i) to[i] += factor * from[i];
}

struct Matrix {
  explicit Matrix(size_t size) : values(size * size), size(size) {}
  double* row(size_t i) noexcept { return values.data() + i * size; }
  const double* row(size_t i) const noexcept { return values.data() + i * size; }
  std::vector<double> values;
  size_t size;
};

// Lower triangle L of covariance = L * transposed(L), row by row. False: not positive definite, or cancelled.
bool factorise(const Matrix& covariance, Matrix& factor, const std::atomic<bool>& cancelled) noexcept {
  for (size_t i = 0; i < covariance.size; ++i) {
    if (cancelled.load(std::memory_order_relaxed)) return false;
    double* const row = factor.row(i);
    for (size_t j = 0; j < i; ++j) row[j] = (covariance.row(i)[j] - dot(row, factor.row(j), j)) / factor.row(j)[j];
    const double left = covariance.row(i)[i] - dot(row, row, i);
    if (!(left > 0)) return false;
    row[i] = std::sqrt(left);
  }
  return true;
}

double clamp_code(double value) noexcept { return std::clamp(std::floor(value + 0.5), -kLargest, kLargest); }

class Rower {
 public:
  Rower(const Matrix& covariance, const Matrix* factor)
      : covariance_(covariance),
        factor_(factor),
        codes_(covariance.size),
        residual_(covariance.size),
        gradient_(covariance.size) {}

  // The error of the output with the codes that are found.
  double round(const float* values, double scale) noexcept {
    if (factor_ != nullptr) {
      nearest_plane(values, scale);
    } else {
      for (size_t k = 0; k < codes_.size(); ++k) decide(k, values[k], values[k], scale);
    }
    for (size_t k = 0; k < codes_.size(); ++k) gradient_[k] = dot(covariance_.row(k), residual_.data(), codes_.size());
    for (int sweep = 0; sweep < kSweeps && descend(scale); ++sweep) {
    }
    return dot(residual_.data(), gradient_.data(), codes_.size());
  }

  const std::vector<double>& codes() const noexcept { return codes_; }

 private:
  void decide(size_t k, double value, double wanted, double scale) noexcept {
    codes_[k] = clamp_code(wanted / scale);
    residual_[k] = value - codes_[k] * scale;
  }

  // From the last weight to the first: each makes up for what those after it have lost. gradient_ holds the sums meanwhile.
  void nearest_plane(const float* values, double scale) noexcept {
    std::fill(gradient_.begin(), gradient_.end(), 0.0);
    for (size_t k = codes_.size(); k-- > 0;) {
      const double* const row = factor_->row(k);
      decide(k, values[k], values[k] + gradient_[k] / row[k], scale);
      add_scaled(gradient_.data(), row, residual_[k], k);
    }
  }

  bool descend(double scale) noexcept {
    bool moved = false;
    for (size_t k = 0; k < codes_.size(); ++k) {
      const double* const row = covariance_.row(k);
      const double after =
          std::clamp(codes_[k] + std::floor(gradient_[k] / (row[k] * scale) + 0.5), -kLargest, kLargest);
      if (after == codes_[k]) continue;
      moved = true;
      const double change = (after - codes_[k]) * scale;
      codes_[k] = after;
      residual_[k] -= change;
      add_scaled(gradient_.data(), row, -change, codes_.size());
    }
    return moved;
  }

  const Matrix& covariance_;
  const Matrix* const factor_;
  std::vector<double> codes_;
  std::vector<double> residual_;  // weights minus what the codes stand for
  std::vector<double> gradient_;  // covariance times residual
};

bool round_all(const RoundingProblem& problem, const std::atomic<bool>& cancelled) {
  Matrix covariance(problem.size);
  std::copy(problem.covariance, problem.covariance + problem.size * problem.size, covariance.values.begin());
  Matrix factor(problem.size);
  const bool definite = factorise(covariance, factor, cancelled);
  Rower rower(covariance, definite ? &factor : nullptr);
  for (size_t c = 0; c < problem.channels; ++c) {
    if (cancelled.load(std::memory_order_relaxed)) return false;
    double least = std::numeric_limits<double>::infinity();
    for (const double share : kScaleShares) {
      const float scale = std::max(static_cast<float>(problem.scales[c] * share), problem.floors[c]);
      const double error = rower.round(problem.values + c * problem.size, scale);
      if (!(error < least)) continue;
      least = error;
      problem.chosen[c] = scale;
      std::transform(rower.codes().begin(), rower.codes().end(), problem.codes + c * problem.size,
                     [](double code) { return static_cast<int8_t>(code); });
    }
  }
  return true;
}

}  // namespace

bool round_rows(const RoundingProblem& problem, const std::atomic<bool>& cancelled) noexcept {
  try {
    return round_all(problem, cancelled);
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace trtn
