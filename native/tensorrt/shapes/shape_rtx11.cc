// SPDX-License-Identifier: Apache-2.0
// TensorRT-RTX 1.5 and later.
#define TRT_SHAPE 111
#include "tensorrt/shapes/library.h"
#include "tensorrt/shapes/shapes.h"

std::unique_ptr<trt::Library> trt::makeLibrary_rtx11(const EntryPoints& entries, const Version& version) {
  return TRT_NS::makeLibrary(entries, version);
}
