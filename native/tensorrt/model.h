// SPDX-License-Identifier: Apache-2.0
// The ONNX model of a build as the parser gets it.
#ifndef TENSORRT_NODE_TENSORRT_MODEL_H_
#define TENSORRT_NODE_TENSORRT_MODEL_H_

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "backend.h"
#include "files.h"
#include "progress.h"

namespace trt {

// Is this an ONNX model at all? NVIDIA's parser takes an empty file, plain text and random bytes for an empty network.
// Looks at the outermost level only. @throws Error(BACKEND_MODEL)
void checkOnnx(const void* data, size_t bytes);

// Tensors that nodes of the main graph read and nothing makes; NVIDIA's parser says only that there is one.
std::vector<std::string> danglingTensors(const void* data, size_t bytes);

class Model {
 public:
  // Reads what is given by its path. External weights that were given in memory are put into the model; else the parser reads
  // them, from files beside the model. The request must outlive the model.
  Model(const backend_build_request& request, trtn::Progress& progress);
  const void* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  const char* path() const { return path_; }  // where the parser looks for external weights; may be null

 private:
  void takeIn(const backend_build_request& request, const std::set<std::string>& locations, trtn::Progress& progress);

  const void* data_;
  size_t bytes_;
  const char* path_;
  trtn::Bytes own_;  // backs data_, unless the caller's bytes are taken as they are
};

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_MODEL_H_
