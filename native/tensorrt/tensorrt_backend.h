// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_TENSORRT_BACKEND_H_
#define TENSORRT_NODE_TENSORRT_BACKEND_H_

#include "backend.h"

// TensorRT 10 and 11, and TensorRT-RTX: two backends of one code, both linked into the addon. Their libraries are loaded
// when they are first used, never before.
extern "C" const backend_api* trtn_tensorrt_get_api(uint32_t abi_major);
extern "C" const backend_api* trtn_tensorrt_rtx_get_api(uint32_t abi_major);

#endif  // TENSORRT_NODE_TENSORRT_BACKEND_H_
