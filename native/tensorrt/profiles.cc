// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/profiles.h"

#include <algorithm>
#include <set>

#include "tensorrt/unusable.h"

namespace trt {
namespace {

constexpr int32_t kMaxRank = 8;

struct Place {
  size_t profile;
  const backend_profile_range& range;
};

[[noreturn]] void refuse(const Place& place, const std::string& what) {
  throw Error(BACKEND_SHAPE,
              "Profile " + std::to_string(place.profile) + ", input '" + place.range.input + "': " + what);
}

std::string namesOf(const std::vector<TensorFacts>& inputs) {
  std::string names;
  for (const TensorFacts& input : inputs) names += (names.empty() ? "'" : ", '") + input.name + "'";
  return names.empty() ? "none" : names;
}

const TensorFacts& inputOf(const std::vector<TensorFacts>& inputs, const Place& place) {
  const std::string name = place.range.input == nullptr ? "" : place.range.input;
  const auto found = std::find_if(inputs.begin(), inputs.end(), [&](const TensorFacts& i) { return i.name == name; });
  if (found != inputs.end()) return *found;
  throw Error(BACKEND_INVALID_ARGUMENT, "Profile " + std::to_string(place.profile) + " names the input '" + name +
                                            "', which the model does not have. Its inputs are: " + namesOf(inputs) +
                                            ".");
}

std::string boundsOf(const backend_profile_range& range, int32_t axis) {
  return "min " + std::to_string(range.min[axis]) + ", opt " + std::to_string(range.opt[axis]) + ", max " +
         std::to_string(range.max[axis]);
}

void checkOrder(const Place& place, int32_t axis, const char* kind) {
  const auto& [profile, range] = place;
  if (range.min[axis] <= range.opt[axis] && range.opt[axis] <= range.max[axis]) return;
  refuse(place, std::string(kind) + " " + std::to_string(axis) + " has " + boundsOf(range, axis) +
                    "; expected min <= opt <= max.");
}

void checkDims(const Place& place, const TensorFacts& input) {
  const backend_profile_range& range = place.range;
  if (range.rank != input.dims.rank) {
    refuse(place, "expected " + std::to_string(input.dims.rank) + " dimensions, because the model has " +
                      textOf(input.dims) + ", but received " + std::to_string(range.rank) + ".");
  }
  for (int32_t axis = 0; axis < range.rank; ++axis) {
    if (range.min[axis] < 0) {
      refuse(place, "dimension " + std::to_string(axis) + " has " + boundsOf(range, axis) +
                        "; a profile bounds every dimension, so none may be negative.");
    }
    checkOrder(place, axis, "dimension");
    const int64_t fixed = input.dims.d[axis];
    const bool fits = range.min[axis] == fixed && range.max[axis] == fixed;
    if (fixed < 0 || fits) continue;
    refuse(place, "dimension " + std::to_string(axis) + " is " + std::to_string(fixed) +
                      " in the model, so min, opt and max must be that, but received " + boundsOf(range, axis) + ".");
  }
}

// How many values a shape tensor has; -1: not fixed in the model.
int64_t valuesOf(const TensorFacts& input) {
  int64_t count = 1;
  for (int32_t axis = 0; axis < input.dims.rank; ++axis) {
    if (input.dims.d[axis] < 0) return -1;
    count *= input.dims.d[axis];
  }
  return count;
}

void checkValues(const Place& place, const TensorFacts& input) {
  if (!input.isShape) {
    refuse(place, "it was given bounds of its values, but it is not a shape tensor. Give bounds of its dimensions " +
                      textOf(input.dims) + ".");
  }
  const int64_t count = valuesOf(input);
  if (count >= 0 && count != place.range.rank) {
    refuse(place, "expected bounds of " + std::to_string(count) + " values, because the model has " +
                      textOf(input.dims) + ", but received " + std::to_string(place.range.rank) + ".");
  }
  for (int32_t i = 0; i < place.range.rank; ++i) checkOrder(place, i, "value");
}

void checkRange(const Place& place, const std::vector<TensorFacts>& inputs) {
  const TensorFacts& input = inputOf(inputs, place);
  const backend_profile_range& range = place.range;
  const bool whole = range.rank == 0 || (range.min != nullptr && range.opt != nullptr && range.max != nullptr);
  if (range.rank < 0 || !whole) {
    throw Error(BACKEND_INVALID_ARGUMENT, "A profile's range of '" + input.name + "' lacks its bounds.");
  }
  if (boundsValues(range, input)) return checkValues(place, input);
  if (range.rank > kMaxRank) refuse(place, "TensorRT has at most 8 dimensions.");
  checkDims(place, input);
}

bool covers(const backend_profile& profile, const TensorFacts& input) {
  const auto* end = profile.ranges + profile.range_count;
  return std::any_of(profile.ranges, end, [&](const backend_profile_range& range) {
    return input.name == range.input && boundsValues(range, input) == input.isShape;
  });
}

void checkComplete(size_t index, const backend_profile& profile, const std::vector<TensorFacts>& inputs) {
  for (const TensorFacts& input : inputs) {
    if (!needsProfile(input) || covers(profile, input)) continue;
    const std::string what = input.isShape ? "is a shape tensor: give min, opt and max of its values"
                                           : "has free dimensions " + textOf(input.dims) + ": give min, opt and max";
    throw Error(BACKEND_SHAPE,
                "Profile " + std::to_string(index) + " lacks the input '" + input.name + "', which " + what + ".");
  }
}

Dims dimsOf(const int64_t* values, int32_t rank) {
  Dims dims;
  dims.rank = rank;
  std::copy(values, values + rank, dims.d);
  return dims;
}

bool setRange(Profile& profile, const backend_profile_range& range, const TensorFacts& input) {
  const std::pair<Selector, const int64_t*> bounds[] = {
      {Selector::kMin, range.min}, {Selector::kOpt, range.opt}, {Selector::kMax, range.max}};
  return std::all_of(std::begin(bounds), std::end(bounds), [&](const auto& bound) {
    const auto& [which, values] = bound;
    if (boundsValues(range, input)) return profile.setValues(range.input, which, {values, values + range.rank});
    return profile.setDimensions(range.input, which, dimsOf(values, range.rank));
  });
}

}  // namespace

std::string textOf(const Dims& dims) {
  if (dims.rank < 0) return "of unknown rank";
  std::string text;
  for (int32_t i = 0; i < dims.rank; ++i) text += (i == 0 ? "" : ",") + std::to_string(dims.d[i]);
  return "[" + text + "]";
}

std::vector<TensorFacts> inputsOf(const Network& network) {
  std::vector<TensorFacts> list;
  for (int32_t i = 0; i < network.inputs(); ++i) list.push_back(network.input(i));
  return list;
}

std::vector<TensorFacts> outputsOf(const Network& network) {
  std::vector<TensorFacts> list;
  for (int32_t i = 0; i < network.outputs(); ++i) list.push_back(network.output(i));
  return list;
}

bool boundsValues(const backend_profile_range& range, const TensorFacts& input) {
  return range.is_values != 0 || input.isShape;
}

bool needsProfile(const TensorFacts& input) {
  if (input.isShape || input.dims.rank < 0) return true;
  return std::any_of(input.dims.d, input.dims.d + input.dims.rank, [](int64_t dim) { return dim < 0; });
}

void checkProfiles(const ProfileList& list) {
  const std::vector<TensorFacts>& inputs = list.inputs;
  if (list.count == 0) {
    const auto dynamic = std::find_if(inputs.begin(), inputs.end(), needsProfile);
    if (dynamic == inputs.end()) return;
    throw Error(BACKEND_SHAPE,
                "The input '" + dynamic->name + "' " +
                    (dynamic->isShape ? "is a shape tensor" : "has free dimensions " + textOf(dynamic->dims)) +
                    ", so TensorRT needs an optimisation profile: give min, opt and max shapes.");
  }
  for (size_t index = 0; index < list.count; ++index) {
    const backend_profile& profile = list.profiles[index];
    std::set<std::string> seen;
    for (size_t i = 0; i < profile.range_count; ++i) {
      const Place place{index, profile.ranges[i]};
      checkRange(place, inputs);
      if (!seen.insert(profile.ranges[i].input).second) refuse(place, "it is given twice.");
    }
    checkComplete(index, profile, inputs);
  }
}

void addProfiles(Builder& builder, BuilderConfig& config, const ProfileList& list, JobLog& log) {
  for (size_t index = 0; index < list.count; ++index) {
    log.forgetErrors();
    // What the caller could have got wrong has been checked: a refusal without a reason is the library's own failure.
    const auto fail = [&](const std::string& what) {
      const std::string why = log.why("");
      throw Error(why.empty() ? BACKEND_INTERNAL : BACKEND_SHAPE, "TensorRT refuses profile " + std::to_string(index) +
                                                                      what + ": " +
                                                                      (why.empty() ? "it gave no reason" : why) + ".");
    };
    const std::unique_ptr<Profile> profile = builder.createProfile();
    if (profile == nullptr) throw Error(BACKEND_INTERNAL, "TensorRT made no optimisation profile.");
    const backend_profile& ranges = list.profiles[index];
    for (size_t i = 0; i < ranges.range_count; ++i) {
      const Place place{index, ranges.ranges[i]};
      if (!setRange(*profile, place.range, inputOf(list.inputs, place)))
        fail(std::string(" for the input '") + place.range.input + "'");
    }
    if (!profile->isValid() || config.addProfile(*profile) < 0) fail("");
  }
}

}  // namespace trt
