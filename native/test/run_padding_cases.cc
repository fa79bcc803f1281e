// SPDX-License-Identifier: Apache-2.0
#include "run_cases.h"
#include "tensorrt/run/padding.h"
#include "tensorrt/run/staging.h"

namespace run_test {
namespace {

using trt::run::Fill;
using trt::run::IoTable;
using trt::run::Layout;
using trt::run::Place;
using trt::run::Port;

trt::Dims dims_of(std::initializer_list<int64_t> values) {
  trt::Dims dims;
  dims.rank = static_cast<int32_t>(values.size());
  std::copy(values.begin(), values.end(), dims.d);
  return dims;
}

Port port(std::initializer_list<int64_t> dims, int bits = 32) {
  Port port;
  port.bits = bits;
  port.dims = dims_of(dims);
  return port;
}

Layout shapes(std::initializer_list<int64_t> x, std::initializer_list<int64_t> scale,
              std::initializer_list<int64_t> y) {
  Layout layout;
  Place place;
  for (const auto& dims : {x, scale}) {
    place.dims = dims_of(dims);
    layout.inputs.push_back(place);
  }
  place.dims = dims_of(y);
  layout.outputs.push_back(place);
  return layout;
}

// x [N, W], scale [2] → y [N, 2]
const IoTable& table() {
  static const auto& io = *new IoTable({port({-1, -1}), port({2})}, {port({-1, 2})}, 2);
  return io;
}

void rows_are_what_all_have_in_common() {
  CHECK(trt::run::rows_of(table(), shapes({5, 7}, {2}, {5, 2})) == 5);
  CHECK(trt::run::rows_of(table(), shapes({5, 7}, {2}, {1, 2})) == 0);
  Layout on_host = shapes({5, 7}, {2}, {5, 2});
  on_host.any_on_host = true;
  CHECK(trt::run::rows_of(table(), on_host) == 0);
  const IoTable fixed({port({-1, 4})}, {port({4})}, 1);
  Layout sum;
  sum.inputs.resize(1);
  sum.outputs.resize(1);
  sum.inputs[0].dims = dims_of({4, 4});
  sum.outputs[0].dims = dims_of({4});  // 4 by chance: it does not grow with the rows
  CHECK(trt::run::rows_of(fixed, sum) == 0);
}

void halves_of_bytes_are_not_padded() {
  const IoTable io({port({-1, 3}, 4)}, {port({-1, 3})}, 1);
  Layout layout;
  layout.inputs.resize(1);
  layout.outputs.resize(1);
  layout.inputs[0].dims = layout.outputs[0].dims = dims_of({3, 3});
  CHECK(trt::run::rows_of(io, layout) == 0);
}

void a_batch_pads_a_larger_one_of_the_same_kind() {
  const Layout asked = shapes({3, 7}, {2}, {3, 2});
  CHECK(trt::run::pads(table(), asked, shapes({8, 7}, {2}, {8, 2})));
  CHECK(!trt::run::pads(table(), asked, asked));
  CHECK(!trt::run::pads(table(), shapes({8, 7}, {2}, {8, 2}), asked));
  CHECK(!trt::run::pads(table(), asked, shapes({8, 6}, {2}, {8, 2})));
  CHECK(!trt::run::pads(table(), shapes({0, 7}, {2}, {0, 2}), asked));
  Layout other = shapes({8, 7}, {2}, {8, 2});
  other.profile = 1;
  CHECK(!trt::run::pads(table(), asked, other));
}

void what_was_not_given_is_zero() {
  const char given[] = {1, 2, 3};
  const Fill fill{nullptr, nullptr, given, 3, 6};
  char place[] = {9, 9, 9, 9, 9, 9};
  fill.write(place, 0, 6);
  CHECK(std::string(place, 6) == std::string({1, 2, 3, 0, 0, 0}));
  fill.write(place, 2, 2);
  CHECK(place[0] == 3 && place[1] == 0 && place[2] == 3);
  fill.write(place, 4, 2);
  CHECK(place[0] == 0 && place[1] == 0);
}

}  // namespace

void padding_cases() {
  rows_are_what_all_have_in_common();
  halves_of_bytes_are_not_padded();
  a_batch_pads_a_larger_one_of_the_same_kind();
  what_was_not_given_is_zero();
}

}  // namespace run_test
