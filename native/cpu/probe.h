// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_CPU_PROBE_H_
#define TENSORRT_NODE_CPU_PROBE_H_

#include <string>

#include "backend.h"

namespace trtn::cpu {

// The report of backend_api::probe: a library that cannot be used is a report, not a failure.
std::string probe(const backend_option* options, size_t option_count);

}  // namespace trtn::cpu

#endif  // TENSORRT_NODE_CPU_PROBE_H_
