// SPDX-License-Identifier: Apache-2.0
// Optimisation profiles: checked against the network's inputs before TensorRT sees them, because it accepts most mistakes
// and fails later, elsewhere, or says that a check of its own has failed.
#ifndef TENSORRT_NODE_TENSORRT_PROFILES_H_
#define TENSORRT_NODE_TENSORRT_PROFILES_H_

#include <string>
#include <vector>

#include "backend.h"
#include "tensorrt/logging.h"
#include "tensorrt/trt.h"

namespace trt {

std::string textOf(const Dims& dims);  // "[1,3,-1]"

std::vector<TensorFacts> inputsOf(const Network& network);
std::vector<TensorFacts> outputsOf(const Network& network);

// Whether the network can only be built with a profile for this input.
bool needsProfile(const TensorFacts& input);

// The profiles of a build, and the inputs of the network they are for.
struct ProfileList {
  std::vector<TensorFacts> inputs;
  const backend_profile* profiles;
  size_t count;
};

// As trtexec has it: what is given for a shape tensor are its values, also where the caller could not know that it is one.
bool boundsValues(const backend_profile_range& range, const TensorFacts& input);

// Pure. @throws Error: BACKEND_SHAPE, or BACKEND_INVALID_ARGUMENT for names, naming profile, input and dimension.
void checkProfiles(const ProfileList& list);

// Call after checkProfiles. @throws Error(BACKEND_SHAPE): TensorRT refuses one all the same; its reason is in the message.
void addProfiles(Builder& builder, BuilderConfig& config, const ProfileList& list, JobLog& log);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_PROFILES_H_
