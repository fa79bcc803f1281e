// SPDX-License-Identifier: Apache-2.0
// TensorRT 11.
#define TRT_SHAPE 11
#include "tensorrt/shapes/library.h"
#include "tensorrt/shapes/shapes.h"

std::unique_ptr<trt::Library> trt::makeLibrary_11(const EntryPoints& entries, const Version& version) {
  return TRT_NS::makeLibrary(entries, version);
}
