// SPDX-License-Identifier: Apache-2.0
// The adapters over TensorRT's ABI shapes. Without arguments: what needs no library. Each argument is a folder with the
// libraries of one TensorRT-RTX (the wheel's tensorrt_rtx_libs) or with one dispatch runtime (tensorrt_dispatch_libs),
// which is then driven for real, in a process of its own; RTX parses and builds without a GPU. Nothing is downloaded
// here.
#include "shapes_gate_cases.h"
#include "shapes_refusal.h"
#include "shapes_rtx_cases.h"

namespace {

using shapes_test::contains;
using shapes_test::refusal;

trt::Version version(int major, int minor, bool rtx) {
  trt::Version made;
  made.major = major;
  made.minor = minor;
  made.rtx = rtx;
  return made;
}

void theShapeFollowsFromTheVersion() {
  CHECK(trt::shapeOf(version(10, 0, false), false) == trt::Shape::k10);
  CHECK(trt::shapeOf(version(10, 16, false), false) == trt::Shape::k10);
  CHECK(trt::shapeOf(version(11, 4, false), false) == trt::Shape::k11);
  CHECK(trt::shapeOf(version(1, 3, true), false) == trt::Shape::kRtx10);
  CHECK(trt::shapeOf(version(1, 4, true), false) == trt::Shape::kRtx10);
  CHECK(trt::shapeOf(version(1, 5, true), false) == trt::Shape::kRtx11);
  CHECK(trt::shapeOf(version(1, 7, true), false) == trt::Shape::kRtx11);
}

void anUnknownVersionIsRefusedUnlessAskedFor() {
  for (const auto& unknown : {version(8, 6, false), version(9, 3, false), version(12, 0, false), version(1, 8, true),
                              version(1, 2, true), version(2, 0, true), version(1, 7, false)}) {
    const std::string text = refusal(BACKEND_UNSUPPORTED, [&] { trt::shapeOf(unknown, false); });
    CHECK(contains(text, unknown.rtx ? "TensorRT-RTX " : "TensorRT "));
  }
  CHECK(trt::shapeOf(version(12, 0, false), true) == trt::Shape::k11);
  CHECK(trt::shapeOf(version(1, 8, true), true) == trt::Shape::kRtx11);
}

void whatIsNotLoadedIsNamed() {
  for (const trt::Shape shape : {trt::Shape::k10, trt::Shape::k11, trt::Shape::kRtx10, trt::Shape::kRtx11}) {
    const auto library = trt::makeLibrary(shape, trt::EntryPoints(), version(10, 0, false));
    CHECK(contains(refusal(BACKEND_UNAVAILABLE, [&] { library->createBuilder(); }), "full TensorRT library"));
    CHECK(contains(refusal(BACKEND_UNAVAILABLE, [&] { library->createRuntime(); }), "doctor"));
    CHECK(!library->initPlugins());
  }
}

// Without a driver TensorRT's factories return small numbers that are not null.
void aBogusPointerIsNull() {
  trt::EntryPoints entries;
  entries.createInferBuilder = [](void*, int32_t) { return reinterpret_cast<void*>(uintptr_t{0x238}); };
  entries.createInferRuntime = entries.createInferBuilder;
  for (const trt::Shape shape : {trt::Shape::k10, trt::Shape::k11, trt::Shape::kRtx10, trt::Shape::kRtx11}) {
    const auto library = trt::makeLibrary(shape, entries, version(10, 0, false));
    CHECK(library->createBuilder() == nullptr);
    CHECK(library->createRuntime() == nullptr);
  }
}

}  // namespace

int main(int count, char** arguments) {
  theShapeFollowsFromTheVersion();
  anUnknownVersionIsRefusedUnlessAskedFor();
  whatIsNotLoadedIsNamed();
  aBogusPointerIsNull();
  shapes_test::lateSlotsAreNotCalled();
  if (count < 2) std::printf("skipped: driving real libraries (no folder of TensorRT-RTX libraries given)\n");
  std::fflush(stdout);
  int failures = 0;
  for (int i = 1; i < count; ++i) failures += shapes_test::driveInChild(arguments[i]) ? 0 : 1;
  return failures;
}
