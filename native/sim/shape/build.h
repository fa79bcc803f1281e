// SPDX-License-Identifier: Apache-2.0
// From a network to a plan.
#ifndef TENSORRT_NODE_SIM_SHAPE_BUILD_H_
#define TENSORRT_NODE_SIM_SHAPE_BUILD_H_

#include <functional>

#include "config.h"

namespace TRT_NS {

// An empty plan: failed, the reason is in the log.
std::vector<char> buildPlan(const NetworkImpl& network, const ConfigImpl& config);

// What a network and its configuration have against each other; empty: nothing.
std::string objection(const NetworkImpl& network, const ConfigImpl& config);

// Reports the phases of a build, nested as the real builder's. False: cancelled.
bool reportPhases(IProgressMonitor* monitor, int32_t layers, const std::function<void()>& work);

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_SIM_SHAPE_BUILD_H_
