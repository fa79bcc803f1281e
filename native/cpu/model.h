// SPDX-License-Identifier: Apache-2.0
// A model inside ONNX Runtime, and what it says of itself.
#ifndef TENSORRT_NODE_CPU_MODEL_H_
#define TENSORRT_NODE_CPU_MODEL_H_

#include <functional>
#include <memory>
#include <string>

#include "io.h"
#include "ort_library.h"
#include "ort_status.h"
#include "progress.h"
#include "settings.h"

namespace trtn::cpu {

struct ModelBytes {
  const void* data;
  size_t bytes;
};

struct SessionRequest {
  const Library& library;
  ModelBytes model;
  ort::SessionOptions* options;
  Stage stage;
  std::function<void()> on_tick;  // may be empty; called about every 20 ms meanwhile, from another thread
};

// Parses and prepares a model; may take minutes. Stops when `progress` says so: between two steps of ONNX Runtime 1.22 and
// newer, at the end of older ones.
ort::Owned<ort::Session> create_session(const SessionRequest& request, Progress& progress);

// An executable model. Runs may overlap: ONNX Runtime's sessions are thread-safe.
class Model {
 public:
  Model(const Library& library, ModelBytes payload, const Settings& settings, Progress& progress);

  const Library& library() const { return library_; }
  const Settings& settings() const { return settings_; }
  ort::Session* session() const { return session_.get(); }

 private:
  const Library& library_;
  Settings settings_;
  ort::Owned<ort::Session> session_;
};

// { "onnxruntime": version, "metadata": { producer, graphName, domain, description, version, custom: {…} } }
std::string describe(const Library& library, const ort::Session* session);

}  // namespace trtn::cpu

#endif  // TENSORRT_NODE_CPU_MODEL_H_
