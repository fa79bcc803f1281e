// SPDX-License-Identifier: Apache-2.0
#include "ort_status.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "error.h"

namespace trtn::cpu {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// ONNX Runtime has no code for this: its exceptions arrive as text.
bool is_out_of_memory(const std::string& text) {
  static constexpr std::string_view kSigns[] = {"bad_alloc", "Failed to allocate memory", "bad array new length",
                                                "Available memory of"};
  return std::any_of(std::begin(kSigns), std::end(kSigns), [&](std::string_view sign) { return contains(text, sign); });
}

backend_status of_model(ort::ErrorCode code, Stage stage) {
  if (code == ort::kNoSuchFile) return BACKEND_INVALID_ARGUMENT;
  if (code == ort::kInvalidProtobuf && stage == Stage::kLoad) return BACKEND_ENGINE;
  return BACKEND_MODEL;
}

backend_status of_run(ort::ErrorCode code, const std::string& text) {
  // A caller's output of another shape than the real one, in the words of 1.17 and of 1.30; both tell the two shapes.
  if (contains(text, "shape verification failed") || contains(text, "but the computed output shape")) {
    return BACKEND_SHAPE;
  }
  if (contains(text, "Got invalid dimensions for input") || contains(text, "Invalid rank for input")) {
    return BACKEND_SHAPE;
  }
  return code == ort::kNotImplemented ? BACKEND_UNSUPPORTED : BACKEND_DEVICE;
}

backend_status classify(ort::ErrorCode code, const std::string& text, Stage stage) {
  if (is_out_of_memory(text)) return BACKEND_OUT_OF_MEMORY;
  if (code == ort::kModelLoadCancelled) return BACKEND_CANCELLED;
  if (stage == Stage::kRun) return of_run(code, text);
  return stage == Stage::kSetup ? BACKEND_INTERNAL : of_model(code, stage);
}

}  // namespace

Failure translate(const ort::Api& api, ort::Status* status, Stage stage) {
  const ort::Owned<ort::Status> owned(status, {api.ReleaseStatus});
  std::string text = api.GetErrorMessage(status);
  text.erase(text.find_last_not_of(" \r\n") + 1);
  if (contains(text, "Protobuf serialization failed")) {
    return {
        BACKEND_UNSUPPORTED,
        "The optimised model has 2 GiB or more, which a protobuf file cannot hold. Build it with less optimisation."};
  }
  return {classify(api.GetErrorCode(status), text, stage), "ONNX Runtime: " + text};
}

void require(const ort::Api& api, ort::Status* status, Stage stage) {
  if (status == nullptr) return;
  const Failure failure = translate(api, status, stage);
  throw Error(failure.status, failure.message);
}

}  // namespace trtn::cpu
