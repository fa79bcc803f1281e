// SPDX-License-Identifier: Apache-2.0
// Frees what may block (sessions drain, engines release a device) on a thread of its own.
#ifndef TENSORRT_NODE_ADDON_REAPER_H_
#define TENSORRT_NODE_ADDON_REAPER_H_

#include <memory>

namespace trtn {

// Any thread; returns at once. If `last` is the last owner, its destructor runs on the reaper's thread.
void reap(std::shared_ptr<void> last) noexcept;

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_REAPER_H_
