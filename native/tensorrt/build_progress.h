// SPDX-License-Identifier: Apache-2.0
// TensorRT's progress monitor → the observer of a build; the wish to stop goes the other way.
#ifndef TENSORRT_NODE_TENSORRT_BUILD_PROGRESS_H_
#define TENSORRT_NODE_TENSORRT_BUILD_PROGRESS_H_

#include <map>
#include <mutex>
#include <string>

#include "progress.h"
#include "tensorrt/trt.h"

namespace trt {

class BuildProgress : public Progress {
 public:
  explicit BuildProgress(trtn::Progress& call) : call_(call) {}

  void start(const char* phase, const char* parent, int32_t steps) noexcept override;
  bool step(const char* phase, int32_t step) noexcept override;
  void finish(const char* phase) noexcept override;

 private:
  struct Phase {
    std::string parent;
    int32_t steps = 0;
  };

  // The phase as it was started; one that was not has no steps.
  Phase phaseOf(const char* phase);
  bool tell(const char* phase, const Phase& known, int32_t step) noexcept;

  trtn::Progress& call_;
  std::mutex mutex_;  // several threads of the builder may report at once
  std::map<std::string, Phase> phases_;
};

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_BUILD_PROGRESS_H_
