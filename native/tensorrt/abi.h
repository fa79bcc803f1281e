// SPDX-License-Identifier: Apache-2.0
// TensorRT's binary interface, declared by ourselves: no SDK, no NVIDIA or CUDA header. NVIDIA's C++ interface is a set
// of vtables reached through a few exported C functions, and there are four shapes of it:
//
//   TRT_SHAPE  libraries                      namespace    TRT_GEN  TRT_RTX
//   10         TensorRT 10.0 - 10.16          trt_10       10       0
//   11         TensorRT 11.0 - 11.4           trt_11       11       0
//   110        TensorRT-RTX 1.3, 1.4          trt_rtx10    10       1
//   111        TensorRT-RTX 1.5 - 1.7         trt_rtx11    11       1
//
// Define TRT_SHAPE, then include this: one shape in a translation unit, everything in that shape's own namespace, so
// that all four live in one binary. Inside a shape each class of each version is a prefix of the next version's, so the
// newest table is declared; `// 10.11` beside a slot names the first version that has it, and the caller must not call
// it on an older library (a missing slot is a wild jump). The one exception known is written at VNetworkDefinition.
//
// `npm run check:abi` proves all of it against NVIDIA's own headers: slot, signature, enum value, size and offset.
//
// The same file serves the other side. A simulator that implements these classes defines, before the include,
//   TRT_SKIP(name)  what stands for a slot that nobody calls   (default: virtual void name() = 0)
//   TRT_PURE        what ends the declaration of a slot        (default: = 0)
// for example as bodies that abort: `#define TRT_PURE { unimplemented(__PRETTY_FUNCTION__); }`, [[noreturn]]. Where both
// sides are in one program, the second defines TRT_NAMESPACE as well, lest its bodies become the first's.
#ifndef TENSORRT_NODE_TENSORRT_ABI_H_
#define TENSORRT_NODE_TENSORRT_ABI_H_

#ifndef TRT_SHAPE
#error "define TRT_SHAPE (10, 11, 110 or 111) before including abi.h"
#elif TRT_SHAPE == 10
#define TRT_NS trt_10
#define TRT_GEN 10
#define TRT_RTX 0
#elif TRT_SHAPE == 11
#define TRT_NS trt_11
#define TRT_GEN 11
#define TRT_RTX 0
#elif TRT_SHAPE == 110
#define TRT_NS trt_rtx10
#define TRT_GEN 10
#define TRT_RTX 1
#elif TRT_SHAPE == 111
#define TRT_NS trt_rtx11
#define TRT_GEN 11
#define TRT_RTX 1
#else
#error "TRT_SHAPE must be 10, 11, 110 or 111"
#endif

#ifdef TRT_NAMESPACE
#undef TRT_NS
#define TRT_NS TRT_NAMESPACE
#endif
#ifndef TRT_SKIP
#define TRT_SKIP(name) virtual void name() = 0
#endif
#ifndef TRT_PURE
#define TRT_PURE = 0
#endif

// A body in place of TRT_PURE leaves parameters unused, and here they are named for the reader.
#ifdef __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif

// In the order of their needs, hence not sorted.
// clang-format off
#include "abi/types.h"
#include "abi/enums.h"
#include "abi/user.h"
#include "abi/builder.h"
#include "abi/network.h"
#include "abi/parser.h"
#include "abi/runtime.h"
#include "abi/engine.h"
#include "abi/exports.h"
// clang-format on

#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif

#elif TRT_SHAPE != TRT_GEN + 100 * TRT_RTX
#error "a second shape of abi.h in one translation unit: each has a source file of its own"
#endif  // TENSORRT_NODE_TENSORRT_ABI_H_
