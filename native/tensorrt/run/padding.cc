// SPDX-License-Identifier: Apache-2.0
#include "padding.h"

#include <algorithm>

namespace trt::run {
namespace {

bool has_free_rows(const Port& port) { return port.dims.rank > 0 && port.dims.d[0] < 0; }

// Rows of less than a byte have no address of their own.
bool divisible(const Port& port) { return port.bits >= 8; }

bool same_but_for_rows(const Port& port, const Dims& a, const Dims& b) {
  const int32_t first = has_free_rows(port) ? 1 : 0;
  return a.rank == b.rank && std::equal(a.d + first, a.d + std::max(a.rank, first), b.d + first);
}

bool same_side(const std::vector<Port>& ports, const std::vector<Place>& a, const std::vector<Place>& b) {
  for (size_t i = 0; i < ports.size(); ++i) {
    if (!same_but_for_rows(ports[i], a[i].dims, b[i].dims)) return false;
  }
  return true;
}

}  // namespace

int64_t rows_of(const IoTable& io, const Layout& layout) {
  if (layout.any_on_host || layout.any_dynamic) return 0;
  int64_t rows = 0;
  for (size_t i = 0; i < layout.inputs.size(); ++i) {
    if (!has_free_rows(io.inputs()[i])) continue;
    const int64_t here = layout.inputs[i].dims.d[0];
    if (!divisible(io.inputs()[i]) || (rows != 0 && here != rows)) return 0;
    rows = here;
  }
  for (size_t i = 0; i < layout.outputs.size(); ++i) {
    const Port& port = io.outputs()[i];
    if (!has_free_rows(port) || !divisible(port) || layout.outputs[i].dims.d[0] != rows) return 0;
  }
  return rows;
}

bool pads(const IoTable& io, const Layout& asked, const Layout& larger) {
  if (asked.profile != larger.profile) return false;
  const int64_t rows = rows_of(io, asked);
  return rows > 0 && rows_of(io, larger) > rows && same_side(io.inputs(), asked.inputs, larger.inputs) &&
         same_side(io.outputs(), asked.outputs, larger.outputs);
}

}  // namespace trt::run
