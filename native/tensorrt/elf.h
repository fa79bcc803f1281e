// SPDX-License-Identifier: Apache-2.0
// What a shared library's file says of itself, where the loader's words do not help.
#ifndef TENSORRT_NODE_TENSORRT_ELF_H_
#define TENSORRT_NODE_TENSORRT_ELF_H_

#include <string>

namespace trt {

// "it is built for aarch64, and this process is x86-64", of which the loader says "No such file or directory"; "" for a
// library of this architecture, and for what is no readable ELF file.
std::string otherMachine(const std::string& path);

// The N of "libnvonnxparser.so.N": as the loaded library itself says it (its soname), else as `path` does; 0: neither does.
int majorOf(void* handle, const std::string& path);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_ELF_H_
