// SPDX-License-Identifier: Apache-2.0
// A library, driver or device that is missing or cannot be used: what is wrong, and what the user can do about it.
#ifndef TENSORRT_NODE_TENSORRT_UNUSABLE_H_
#define TENSORRT_NODE_TENSORRT_UNUSABLE_H_

#include <string>

#include "error.h"

namespace trt {

using trtn::Error;

class Unusable : public Error {
 public:
  // Both are whole sentences, or `remedy` is empty.
  Unusable(const std::string& reason, const std::string& remedy)
      : Error(BACKEND_UNAVAILABLE, remedy.empty() ? reason : reason + " " + remedy), reason_(reason), remedy_(remedy) {}
  const std::string& reason() const noexcept { return reason_; }
  const std::string& remedy() const noexcept { return remedy_; }

 private:
  std::string reason_;
  std::string remedy_;
};

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_UNUSABLE_H_
