// SPDX-License-Identifier: Apache-2.0
// From an OrtStatus to a status of the contract. What a code means depends on what was being done.
#ifndef TENSORRT_NODE_CPU_ORT_STATUS_H_
#define TENSORRT_NODE_CPU_ORT_STATUS_H_

#include <string>

#include "backend.h"
#include "ort_api.h"

namespace trtn::cpu {

struct Failure {
  backend_status status;
  std::string message;
};

enum class Stage {
  kSetup,  // our own use of the API: a failure is ours
  kBuild,  // a model the user gave
  kLoad,   // a payload that a build made, or a bare model
  kRun
};

// Consumes `status`, which is not null.
Failure translate(const ort::Api& api, ort::Status* status, Stage stage);

// Throws Error unless `status` is null, and consumes it.
void require(const ort::Api& api, ort::Status* status, Stage stage = Stage::kSetup);

}  // namespace trtn::cpu

#endif  // TENSORRT_NODE_CPU_ORT_STATUS_H_
