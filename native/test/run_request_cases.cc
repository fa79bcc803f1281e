// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "run_cases.h"
#include "tensorrt/run/request.h"

namespace run_test {
namespace {

using trt::run::IoTable;
using trt::run::Port;
using trt::run::Request;

Port port_of(const char* name, trt::Dims dims, backend_type type, int bits) {
  Port port;
  port.name = name;
  port.dims = dims;
  port.type = type;
  port.bits = bits;
  return port;
}

IoTable reshape_table() {
  Port shape = port_of("shape", {1, {2}}, BACKEND_INT64, 64);
  shape.is_shape = shape.on_host = true;
  return {
      {port_of("x", {2, {-1, 4}}, BACKEND_FLOAT32, 32), shape}, {port_of("y", {2, {-1, -1}}, BACKEND_FLOAT32, 32)}, 1};
}

backend_tensor tensor_of(uint32_t index, std::initializer_list<int64_t> dims, void* data, size_t bytes) {
  backend_tensor tensor{};
  tensor.index = index;
  tensor.rank = static_cast<int32_t>(dims.size());
  std::copy(dims.begin(), dims.end(), tensor.dims);
  tensor.data = data;
  tensor.bytes = bytes;
  return tensor;
}

struct Call {
  std::array<float, 8> x{};
  std::array<int64_t, 2> shape{4, 2};
  std::array<backend_tensor, 2> inputs{tensor_of(1, {2}, shape.data(), sizeof shape),
                                       tensor_of(0, {2, 4}, x.data(), sizeof x)};  // in any order
  std::array<backend_tensor, 2> outputs{};
  backend_run run{};

  Call() {
    run.struct_size = sizeof run;
    run.inputs = inputs.data();
    run.input_count = 2;
    run.outputs = outputs.data();
    run.output_count = 1;
    run.profile = -1;
  }
};

void dims_and_values_make_the_key() {
  const IoTable io = reshape_table();
  Request request(io);
  const Call call;
  request.read(call.run);
  CHECK((request.key() == std::vector<int64_t>{-1, 2, 4, 2, 4, 2}));  // profile; x [2, 4]; shape [2] = 4, 2
  CHECK(request.input(0).data == call.x.data());
  CHECK(request.asked()[0].count == 2 && request.asked()[0].values[1] == 4);
  CHECK(request.asked()[1].count == 2 && request.asked()[1].values[0] == 4);
}

void what_is_missing_or_wrong_is_named() {
  const IoTable io = reshape_table();
  Request request(io);
  Call missing;
  missing.run.input_count = 1;
  refuses(BACKEND_INVALID_ARGUMENT, [&] { request.read(missing.run); }, "'x' was not given");
  Call twice;
  twice.inputs[1].index = 1;
  refuses(BACKEND_INVALID_ARGUMENT, [&] { request.read(twice.run); }, "number 1", "twice");
  Call shape;
  shape.inputs[1].dims[1] = 5;
  refuses(BACKEND_SHAPE, [&] { request.read(shape.run); }, "'x'", "[?, 4]", "[2, 5]");
  Call bytes;
  bytes.inputs[1].bytes = 31;
  refuses(BACKEND_SHAPE, [&] { request.read(bytes.run); }, "'x'", "31 bytes");
  Call negative;
  negative.inputs[1].dims[0] = -1;
  refuses(BACKEND_SHAPE, [&] { request.read(negative.run); }, "'x'");
}

void outputs_are_known_and_come_once() {
  const IoTable io = reshape_table();
  Request request(io);
  Call none;
  none.run.output_count = 0;
  refuses(BACKEND_INVALID_ARGUMENT, [&] { request.read(none.run); }, "at least one wanted output");
  Call twice;
  twice.run.output_count = 2;
  refuses(BACKEND_INVALID_ARGUMENT, [&] { request.read(twice.run); }, "output", "twice");
}

void sizes_that_overflow_are_refused() {
  const Port port = port_of("x", {2, {-1, -1}}, BACKEND_FLOAT32, 32);
  const int64_t dims[] = {INT64_MAX, 4};
  size_t bytes = 0;
  CHECK(!bytes_of(port, dims, 2, bytes));
  const Port nibbles = port_of("q", {1, {-1}}, BACKEND_INT4, 4);
  const int64_t odd[] = {3};
  CHECK(bytes_of(nibbles, odd, 1, bytes) && bytes == 2);
}

}  // namespace

void request_cases() {
  dims_and_values_make_the_key();
  what_is_missing_or_wrong_is_named();
  outputs_are_known_and_come_once();
  sizes_that_overflow_are_refused();
}

}  // namespace run_test
