// SPDX-License-Identifier: Apache-2.0
#include "shapes.h"

#include "error.h"

namespace trtn::cpu {
namespace {

std::string titled(const Port& port, const char* side) { return std::string("the ") + side + " '" + port.name + "'"; }

[[noreturn]] void refuse_shape(const Port& port, const backend_tensor& tensor, const char* side) {
  const size_t rank = tensor.rank < 0 || tensor.rank > BACKEND_MAX_RANK ? 0 : static_cast<size_t>(tensor.rank);
  const std::string expected = port.ranked ? "the shape " + shape_text(port.dims.data(), port.dims.size())
                                           : "at most 16 dimensions of 0 or more";
  throw Error(BACKEND_SHAPE, "Expected " + expected + " for " + titled(port, side) + " but received " +
                                 shape_text(tensor.dims, rank) + " (rank " + std::to_string(tensor.rank) + ").");
}

}  // namespace

size_t checked_bytes(const Port& port, const backend_tensor& tensor, const char* side) {
  if (tensor.rank < 0 || tensor.rank > BACKEND_MAX_RANK) refuse_shape(port, tensor, side);
  const auto rank = static_cast<size_t>(tensor.rank);
  if (port.ranked && rank != port.dims.size()) refuse_shape(port, tensor, side);
  uint64_t count = 1;
  bool overflow = false;
  bool empty = false;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t dim = tensor.dims[i];
    if (dim < 0 || (port.ranked && port.dims[i] >= 0 && port.dims[i] != dim)) refuse_shape(port, tensor, side);
    empty = empty || dim == 0;
    overflow = overflow || __builtin_mul_overflow(count, static_cast<uint64_t>(dim), &count);
  }
  size_t bytes = 0;
  if (empty) return 0;
  if (overflow || !bytes_of(port.type, count, bytes)) refuse_shape(port, tensor, side);
  return bytes;
}

void check_input(const Port& port, const backend_tensor& tensor) {
  const size_t bytes = checked_bytes(port, tensor, "input");
  if (bytes == tensor.bytes && (bytes == 0 || tensor.data != nullptr)) return;
  const std::string shape = shape_text(tensor.dims, static_cast<size_t>(tensor.rank));
  throw Error(BACKEND_SHAPE, "Expected " + std::to_string(bytes) + " bytes for " + titled(port, "input") + " (" +
                                 type_name(port.type) + " " + shape + ") but received " + std::to_string(tensor.bytes) +
                                 (tensor.data == nullptr ? " without data." : "."));
}

}  // namespace trtn::cpu
