// SPDX-License-Identifier: Apache-2.0
// Which optimization profile serves a run. Pure: no TensorRT.
#ifndef TENSORRT_NODE_RUN_PROFILES_H_
#define TENSORRT_NODE_RUN_PROFILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "io_table.h"

namespace trt::run {

// What one input of a run asks of a profile: its dimensions, or its values where it is a shape tensor.
struct Asked {
  const int64_t* values = nullptr;
  size_t count = 0;
};

// The profile whose min and max admit all of `asked` (one for each input of the engine, in order) and whose opt is
// nearest, by the sum of the distances. `wanted` >= 0: that one, or none.
// @throws Error(BACKEND_SHAPE) listing what every profile takes; Error(BACKEND_INVALID_ARGUMENT): no such profile
int32_t choose_profile(const IoTable& io, const std::vector<Asked>& asked, int32_t wanted);

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_PROFILES_H_
