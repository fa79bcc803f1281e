// SPDX-License-Identifier: Apache-2.0
// What every backend does with the structs and sinks of backend.h.
#ifndef TENSORRT_NODE_COMMON_CONTRACT_H_
#define TENSORRT_NODE_COMMON_CONTRACT_H_

#include <string>

#include "backend.h"
#include "error.h"

namespace trtn {

// A caller older than this backend fills less than we read. All of version 1.0 is required.
template <typename Struct>
const Struct& whole(const Struct* given) {
  if (given == nullptr || given->struct_size < sizeof(Struct)) {
    throw Error(BACKEND_INVALID_ARGUMENT, "A structure of the backend contract is missing or too small.");
  }
  return *given;
}

inline void answer_with(const backend_sink* sink, const std::string& text) {
  sink->write(sink->user, text.data(), text.size());
}

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_CONTRACT_H_
