// SPDX-License-Identifier: Apache-2.0
// An engine as bytes: the header that NVIDIA's plans begin with (as far as it was observed), then a payload of our own.
#ifndef TENSORRT_NODE_SIM_PLAN_H_
#define TENSORRT_NODE_SIM_PLAN_H_

#include <array>
#include <map>
#include <string>
#include <vector>

#include "model.h"

namespace sim {

// min, opt, max of one input: dimensions, or the values of a shape tensor.
struct Range {
  std::array<Shape, 3> dims;
  std::array<Shape, 3> values;
};
using Ranges = std::map<std::string, Range>;

struct Version {
  std::array<int, 4> number{};  // major, minor, patch, build
  bool rtx = false;
  std::string text() const;
};

struct Plan {
  Version version;
  Model model;
  std::vector<Ranges> profiles;
  std::map<std::string, int64_t> facts;  // sm, flags, auxStreams, verbosity, compatibility …
  int64_t fact(const char* key) const {
    const auto found = facts.find(key);
    return found == facts.end() ? 0 : found->second;
  }
};

std::vector<char> writePlan(const Plan& plan);

constexpr size_t kPlanHeader = 64;
// Each check of the real runtime, in its order. @throws std::runtime_error with the real library's words.
void checkHeader(const void* data, size_t bytes, const Version& library);
void checkVersion(const void* data, size_t bytes, const Version& library);
Plan readPlan(const void* data, size_t bytes);

// Bytes that the tensors between inputs and outputs need with these inputs.
size_t activationBytes(const Model& model, const Shapes& shapes);

}  // namespace sim

#endif  // TENSORRT_NODE_SIM_PLAN_H_
