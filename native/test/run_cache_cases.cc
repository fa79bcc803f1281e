// SPDX-License-Identifier: Apache-2.0
#include "run_cases.h"
#include "tensorrt/run/graph_cache.h"
#include "tensorrt/run/layout.h"
#include "tensorrt/run/pinned_pool.h"

namespace run_test {
namespace {

using trt::run::GraphCache;
using trt::run::GraphKey;
using trt::run::Layout;
using trt::run::LayoutCache;

std::shared_ptr<const Layout> layout_of(uint64_t id) {
  auto layout = std::make_shared<Layout>();
  layout->id = id;
  return layout;
}

void layouts_leave_in_the_order_of_their_last_use() {
  LayoutCache cache(2);
  cache.add({1}, layout_of(1));
  cache.add({2}, layout_of(2));
  CHECK(cache.find({1})->id == 1);
  cache.add({3}, layout_of(3));
  CHECK(cache.find({2}) == nullptr);
  CHECK(cache.find({1})->id == 1 && cache.find({3})->id == 3);
}

const auto nobody = [](int64_t) { return false; };

void a_graph_is_found_by_all_of_its_key() {
  GraphCache cache(2);
  cache.add({0, 1, 7}, {}, layout_of(7));
  CHECK(cache.size() == 1);
  cache.forget_slot(1);
  CHECK(cache.size() == 1);
  cache.forget_slot(0);
  CHECK(cache.size() == 0);
}

void a_full_cache_keeps_what_is_in_use() {
  GraphCache cache(2);
  const GraphKey first{0, 1};
  const GraphKey second{1, 1};
  cache.add(first, {}, layout_of(1));
  cache.add(second, {}, layout_of(1));
  CHECK(!cache.make_room(nobody));  // both were used a moment ago
  for (int i = 0; i < 8; ++i) (void)cache.find(second);
  CHECK(cache.make_room(nobody));
  CHECK(cache.size() == 1);
  cache.add({2, 1}, {}, layout_of(1));
  for (int i = 0; i < 8; ++i) (void)cache.find({2, 1});
  CHECK(!cache.make_room([](int64_t slot) { return slot == 1; }));  // it may be running
  CHECK(cache.size() == 2);
}

void size_classes_waste_a_quarter_at_most() {
  for (size_t bytes = 1; bytes < (size_t{1} << 24); bytes = bytes * 9 / 8 + 1) {
    const size_t rounded = trt::run::size_class(bytes);
    CHECK(rounded >= bytes && rounded % 256 == 0);
    CHECK(rounded <= bytes + bytes / 4 + 256);
    CHECK(trt::run::size_class(rounded) == rounded);
  }
}

}  // namespace

void cache_cases() {
  layouts_leave_in_the_order_of_their_last_use();
  a_graph_is_found_by_all_of_its_key();
  a_full_cache_keeps_what_is_in_use();
  size_classes_waste_a_quarter_at_most();
}

}  // namespace run_test
