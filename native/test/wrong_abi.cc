// SPDX-License-Identifier: Apache-2.0
// A backend of another major ABI: the addon must refuse it with both numbers.
#include <cstdint>

extern "C" __attribute__((visibility("default"))) const void* backend_get_api(uint32_t) { return nullptr; }
