// SPDX-License-Identifier: Apache-2.0
// A cache on disk: read whole, replaced whole.
#ifndef TENSORRT_NODE_RUN_CACHE_FILE_H_
#define TENSORRT_NODE_RUN_CACHE_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

namespace trt::run {

// Empty: there is none, or it cannot be read.
std::vector<char> read_cache_file(const std::string& path);
// Under a name of its own first, then renamed: a reader sees the old file or the whole new one.
// @throws Error(BACKEND_INVALID_ARGUMENT) with the path and the reason
void write_cache_file(const std::string& path, const void* data, size_t bytes);

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_CACHE_FILE_H_
