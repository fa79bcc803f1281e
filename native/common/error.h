// SPDX-License-Identifier: Apache-2.0
// One failure inside a backend: the status that crosses the C ABI and the sentence that goes with it.
#ifndef TENSORRT_NODE_COMMON_ERROR_H_
#define TENSORRT_NODE_COMMON_ERROR_H_

#include <stdexcept>
#include <string>

#include "backend.h"

namespace trtn {

class Error : public std::runtime_error {
 public:
  Error(backend_status status, const std::string& message) : std::runtime_error(message), status_(status) {}
  backend_status status() const noexcept { return status_; }

 private:
  backend_status status_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_ERROR_H_
