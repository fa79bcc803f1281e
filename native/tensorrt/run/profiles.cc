// SPDX-License-Identifier: Apache-2.0
#include "profiles.h"

#include <limits>

#include "error.h"

namespace trt::run {
namespace {

using trtn::Error;

constexpr uint64_t kRefused = std::numeric_limits<uint64_t>::max();

// kRefused, or how far `asked` is from the range's opt.
uint64_t distance(const Range& range, const Asked& asked) {
  if (range.min.size() != asked.count || range.max.size() != asked.count) return kRefused;
  uint64_t sum = 0;
  for (size_t i = 0; i < asked.count; ++i) {
    const int64_t value = asked.values[i];
    if (value < range.min[i] || value > range.max[i]) return kRefused;
    if (i < range.opt.size())
      sum += static_cast<uint64_t>(value > range.opt[i] ? value - range.opt[i] : range.opt[i] - value);
  }
  return sum;
}

uint64_t distance(const IoTable& io, const std::vector<Asked>& asked, size_t profile) {
  uint64_t sum = 0;
  for (size_t i = 0; i < asked.size(); ++i) {
    const std::vector<Range>& ranges = io.inputs()[i].ranges;
    if (profile >= ranges.size()) continue;  // nothing is known of it
    const uint64_t one = distance(ranges[profile], asked[i]);
    if (one == kRefused) return kRefused;
    sum += one;
  }
  return sum;
}

// "[1…4, 3] (opt [2, 3])"
std::string range_text(const Range& range) {
  std::string text = "[";
  for (size_t i = 0; i < range.min.size() && i < range.max.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(range.min[i]);
    if (range.max[i] != range.min[i]) text += "…" + std::to_string(range.max[i]);
  }
  return text + "] (opt " + shape_text(range.opt) + ")";
}

std::string what_it_takes(const IoTable& io, size_t profile) {
  std::string text = " Profile " + std::to_string(profile) + " takes";
  const char* separator = " ";
  for (const Port& port : io.inputs()) {
    if (profile >= port.ranges.size()) continue;
    text += separator + port.name + (port.is_shape ? " with values " : " ") + range_text(port.ranges[profile]);
    separator = ", ";
  }
  return text + ".";
}

[[noreturn]] void refuse(const IoTable& io, const std::vector<Asked>& asked, int32_t wanted) {
  std::string text = wanted < 0 ? "No optimization profile takes"
                                : "Optimization profile " + std::to_string(wanted) + " does not take";
  for (size_t i = 0; i < asked.size(); ++i) {
    const Port& port = io.inputs()[i];
    text += (i == 0 ? " " : ", ") + port.name + (port.is_shape ? " with values " : " ") +
            shape_text(asked[i].values, asked[i].count);
  }
  text += ".";
  for (size_t i = 0; i < static_cast<size_t>(io.profiles()); ++i) text += what_it_takes(io, i);
  throw Error(BACKEND_SHAPE, text + " Send such shapes, or build the engine with a profile that covers these.");
}

}  // namespace

int32_t choose_profile(const IoTable& io, const std::vector<Asked>& asked, int32_t wanted) {
  if (wanted >= io.profiles()) {
    throw Error(BACKEND_INVALID_ARGUMENT, "The engine has " + std::to_string(io.profiles()) +
                                              " optimization profiles; number " + std::to_string(wanted) +
                                              " does not exist.");
  }
  int32_t best = -1;
  uint64_t nearest = kRefused;
  for (int32_t i = 0; i < io.profiles(); ++i) {
    if (wanted >= 0 && i != wanted) continue;
    const uint64_t far = distance(io, asked, static_cast<size_t>(i));
    if (far >= nearest) continue;
    nearest = far;
    best = i;
  }
  if (best < 0) refuse(io, asked, wanted);
  return best;
}

}  // namespace trt::run
