// SPDX-License-Identifier: Apache-2.0
#include "run_cases.h"
#include "tensorrt/run/profiles.h"

namespace run_test {
namespace {

using trt::run::Asked;
using trt::run::IoTable;
using trt::run::Port;
using Values = std::vector<int64_t>;

Port rows_of_four(const std::vector<trt::run::Range>& ranges) {
  Port port;
  port.name = "x";
  port.type = BACKEND_FLOAT32;
  port.bits = 32;
  port.dims = {2, {-1, 4}};
  port.ranges = ranges;
  return port;
}

IoTable small_and_large() { return {{rows_of_four({{{1, 4}, {2, 4}, {8, 4}}, {{4, 4}, {16, 4}, {32, 4}}})}, {}, 2}; }

int32_t chosen(const IoTable& io, const Values& dims, int32_t wanted = -1) {
  return choose_profile(io, {Asked{dims.data(), dims.size()}}, wanted);
}

void the_only_one_that_admits() {
  const IoTable io = small_and_large();
  CHECK(chosen(io, {1, 4}) == 0);
  CHECK(chosen(io, {32, 4}) == 1);
}

void the_nearest_of_those_that_admit() {
  const IoTable io = small_and_large();
  CHECK(chosen(io, {4, 4}) == 0);  // 2 from 2, 12 from 16
  CHECK(chosen(io, {8, 4}) == 0);  // 6 from 2, 8 from 16
}

void none_is_refused_with_all() {
  const IoTable io = small_and_large();
  refuses(
      BACKEND_SHAPE, [&] { chosen(io, {33, 4}); }, "x [33, 4]", "Profile 0 takes x [1…8, 4] (opt [2, 4])",
      "Profile 1 takes x [4…32, 4] (opt [16, 4])");
}

void the_wanted_one_or_none() {
  const IoTable io = small_and_large();
  CHECK(chosen(io, {4, 4}, 1) == 1);
  refuses(BACKEND_SHAPE, [&] { chosen(io, {1, 4}, 1); }, "profile 1 does not take");
  refuses(BACKEND_INVALID_ARGUMENT, [&] { chosen(io, {1, 4}, 2); }, "number 2");
}

void every_input_counts() {
  Port second = rows_of_four({{{1, 4}, {2, 4}, {8, 4}}, {{1, 4}, {32, 4}, {32, 4}}});
  second.name = "z";
  const IoTable io({rows_of_four({{{1, 4}, {2, 4}, {8, 4}}, {{1, 4}, {2, 4}, {8, 4}}}), second}, {}, 2);
  const Values x{2, 4};
  const Values z{30, 4};
  CHECK(choose_profile(io, {Asked{x.data(), 2}, Asked{z.data(), 2}}, -1) == 1);
}

}  // namespace

void profile_cases() {
  the_only_one_that_admits();
  the_nearest_of_those_that_admit();
  none_is_refused_with_all();
  the_wanted_one_or_none();
  every_input_counts();
}

}  // namespace run_test
