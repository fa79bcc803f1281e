// SPDX-License-Identifier: Apache-2.0
// Which shape a library has. Decided from its version alone, before anything else of it is called: no library refuses a
// wrong shape, it crashes.
#include "error.h"
#include "tensorrt/shapes/shapes.h"

namespace trt {

namespace {

// The last RTX minor whose tables were compared with abi.h. RTX's minors are not ABI-stable: 1.5 broke what 1.4 was.
constexpr int kNewestRtx = 7;
constexpr int kOldestRtx = 3;
constexpr int kFirstRtx11 = 5;

std::string nameOf(const Version& version) {
  return std::string(version.rtx ? "TensorRT-RTX " : "TensorRT ") + std::to_string(version.major) + "." +
         std::to_string(version.minor) + "." + std::to_string(version.patch);
}

}  // namespace

Shape shapeOf(const Version& version, bool tryAnyway) {
  if (version.rtx && version.major == 1 && version.minor >= kOldestRtx && version.minor <= kNewestRtx)
    return version.minor < kFirstRtx11 ? Shape::kRtx10 : Shape::kRtx11;
  if (!version.rtx && version.major == 10) return Shape::k10;
  if (!version.rtx && version.major == 11) return Shape::k11;
  if (tryAnyway) return version.rtx ? Shape::kRtx11 : Shape::k11;
  throw trtn::Error(
      BACKEND_UNSUPPORTED,
      nameOf(version) +
          " is not driven by this version of tensorrt-node: its binary interface has not been compared with "
          "ours, and a wrong one crashes the process. Driven are TensorRT 10 and 11 and TensorRT-RTX 1.3 to "
          "1.7. Install one of them, or a newer tensorrt-node.");
}

std::unique_ptr<Library> makeLibrary(Shape shape, const EntryPoints& entries, const Version& version) {
  switch (shape) {
    case Shape::k10:
      return makeLibrary_10(entries, version);
    case Shape::k11:
      return makeLibrary_11(entries, version);
    case Shape::kRtx10:
      return makeLibrary_rtx10(entries, version);
    case Shape::kRtx11:
      return makeLibrary_rtx11(entries, version);
  }
  return nullptr;
}

}  // namespace trt
