// SPDX-License-Identifier: Apache-2.0
// TensorRT-RTX 1.3 and 1.4.
#define TRT_SHAPE 110
#include "tensorrt/shapes/library.h"
#include "tensorrt/shapes/shapes.h"

std::unique_ptr<trt::Library> trt::makeLibrary_rtx10(const EntryPoints& entries, const Version& version) {
  return TRT_NS::makeLibrary(entries, version);
}
