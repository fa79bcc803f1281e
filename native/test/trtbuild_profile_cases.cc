// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "tensorrt/profiles.h"
#include "trtbuild_cases.h"

namespace trtbuild_test {
namespace {

using Numbers = std::vector<int64_t>;

trt::TensorFacts tensor(const char* name, const Numbers& dims, bool isShape = false) {
  trt::TensorFacts facts;
  facts.name = name;
  facts.dims.rank = static_cast<int32_t>(dims.size());
  for (size_t i = 0; i < dims.size(); ++i) facts.dims.d[i] = dims[i];
  facts.isShape = isShape;
  return facts;
}

struct Range {
  const char* input;
  Numbers min, opt, max;
  bool values = false;
};

Refusal check(const std::vector<trt::TensorFacts>& inputs, const std::vector<std::vector<Range>>& profiles) {
  std::vector<std::vector<backend_profile_range>> ranges;
  std::vector<backend_profile> list;
  for (const auto& profile : profiles) {
    auto& into = ranges.emplace_back();
    for (const Range& range : profile) {
      into.push_back({range.input, static_cast<int32_t>(range.min.size()), range.values ? 1 : 0, range.min.data(),
                      range.opt.data(), range.max.data()});
    }
  }
  for (const auto& profile : ranges) list.push_back({profile.data(), profile.size()});
  return refusalOf([&] { trt::checkProfiles({inputs, list.data(), list.size()}); });
}

const std::vector<trt::TensorFacts> kImage = {tensor("x", {-1, 3, -1, -1})};
const std::vector<trt::TensorFacts> kShape = {tensor("x", {-1, 3}), tensor("size", {2}, true)};

void takesWhatFits() {
  CHECK(check({tensor("x", {1, 3})}, {}).status == BACKEND_OK);
  CHECK(check({tensor("x", {1, 3})}, {{{"x", {1, 3}, {1, 3}, {1, 3}}}}).status == BACKEND_OK);
  CHECK(check(kImage, {{{"x", {1, 3, 32, 32}, {1, 3, 64, 64}, {4, 3, 64, 64}}}}).status == BACKEND_OK);
  CHECK(check(kImage, {{{"x", {0, 3, 1, 1}, {1, 3, 1, 1}, {1, 3, 1, 1}}}}).status == BACKEND_OK);
}

void wantsAProfileForFreeDimensions() {
  const Refusal refusal = check(kImage, {});
  CHECK(refusal.status == BACKEND_SHAPE);
  CHECK(refusal.says("'x' has free dimensions [-1,3,-1,-1]") && refusal.says("profile"));
  CHECK(check({tensor("size", {2}, true)}, {}).says("'size' is a shape tensor"));
}

void namesAnUnknownInput() {
  const Refusal refusal = check(kImage, {{{"y", {1}, {1}, {1}}}});
  CHECK(refusal.status == BACKEND_INVALID_ARGUMENT);
  CHECK(refusal.says("Profile 0 names the input 'y'") && refusal.says("inputs are: 'x'"));
}

void namesInputAndDimension() {
  CHECK(check(kImage, {{{"x", {3, 32, 32}, {3, 32, 32}, {3, 32, 32}}}}).says("expected 4 dimensions"));
  const Refusal order = check(kImage, {{{"x", {1, 3, 64, 1}, {1, 3, 32, 1}, {1, 3, 96, 1}}}});
  CHECK(order.status == BACKEND_SHAPE && order.says("Profile 0, input 'x': dimension 2 has min 64, opt 32, max 96"));
  CHECK(check(kImage, {{{"x", {1, 4, 1, 1}, {1, 4, 1, 1}, {1, 4, 1, 1}}}}).says("dimension 1 is 3 in the model"));
  CHECK(check(kImage, {{{"x", {1, 3, -1, 1}, {1, 3, 1, 1}, {1, 3, 1, 1}}}}).says("dimension 2"));
  const Range good{"x", {1, 3, 1, 1}, {1, 3, 1, 1}, {1, 3, 1, 1}};
  CHECK(check(kImage, {{good, good}}).says("given twice"));
  CHECK(check(kImage, {{good}, {}}).says("Profile 1 lacks the input 'x'"));
}

void boundsShapeTensorsByTheirValues() {
  const Range x{"x", {1, 3}, {1, 3}, {9, 3}};
  CHECK(check(kShape, {{x, {"size", {8, 8}, {8, 16}, {32, 32}, true}}}).status == BACKEND_OK);
  // As trtexec: what is given for a shape tensor are values, whatever it was called.
  CHECK(check(kShape, {{x, {"size", {-1, 8}, {8, 16}, {32, 32}}}}).status == BACKEND_OK);
  CHECK(check(kShape, {{x}}).says("'size', which is a shape tensor"));
  CHECK(check(kShape, {{x, {"size", {8}, {8}, {8}, true}}}).says("expected bounds of 2 values"));
  CHECK(check(kShape, {{x, {"size", {8, 9}, {8, 8}, {8, 9}, true}}}).says("value 1 has min 9, opt 8, max 9"));
  CHECK(check(kShape, {{{"x", {1, 3}, {1, 3}, {1, 3}, true}}}).says("not a shape tensor"));
}

}  // namespace

void profileCases() {
  takesWhatFits();
  wantsAProfileForFreeDimensions();
  namesAnUnknownInput();
  namesInputAndDimension();
  boundsShapeTensorsByTheirValues();
}

}  // namespace trtbuild_test
