// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_COMMON_RELAX_H_
#define TENSORRT_NODE_COMMON_RELAX_H_

namespace trtn {

// In a loop that polls: leaves the core's other thread more of it.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_RELAX_H_
