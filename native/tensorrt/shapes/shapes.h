// SPDX-License-Identifier: Apache-2.0
// One factory for each shape; each lives in the one source file that is compiled for that shape.
#ifndef TENSORRT_NODE_TENSORRT_SHAPES_SHAPES_H_
#define TENSORRT_NODE_TENSORRT_SHAPES_SHAPES_H_

#include "tensorrt/trt.h"

namespace trt {

std::unique_ptr<Library> makeLibrary_10(const EntryPoints& entries, const Version& version);
std::unique_ptr<Library> makeLibrary_11(const EntryPoints& entries, const Version& version);
std::unique_ptr<Library> makeLibrary_rtx10(const EntryPoints& entries, const Version& version);
std::unique_ptr<Library> makeLibrary_rtx11(const EntryPoints& entries, const Version& version);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_SHAPES_SHAPES_H_
