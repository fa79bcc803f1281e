// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "tensorrt/facts.h"
#include "tensorrt/parse.h"
#include "trtbuild_cases.h"

namespace trtbuild_test {
namespace {

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

trt::ParserError error(const char* description, const char* op = "", const char* name = "", int32_t node = -1) {
  trt::ParserError made;
  made.description = description;
  made.nodeOperator = op;
  made.nodeName = name;
  made.node = node;
  return made;
}

void saysWhichOperatorIsNotSupported() {
  CHECK(trt::explain(error("false", "Det", "d", 3)) == "node 3 'd' (Det): the operator Det is not supported");
  CHECK(has(trt::explain(error("creator && \"Plugin not found, are the …\"", "Foo")), "this operator is unknown"));
  CHECK(trt::explain(error("its own words", "", "", -1)) == "its own words");
  trt::ParserError inside = error("false", "Det", "", 1);
  inside.localFunctions = {"outer", "inner"};
  CHECK(has(trt::explain(inside), "in the function outer > inner"));
}

void keepsNvidiasWordsBesideOurs() {
  const std::string text =
      trt::explain(error("Assertion failed: shiftIsAllZeros(zeroPoint): Non-zero …", "QuantizeLinear"));
  CHECK(has(text, "symmetrically") && has(text, "[Assertion failed: shiftIsAllZeros"));
}

void tellsEveryErrorOnce() {
  const auto one = error("false", "Det", "a", 0);
  CHECK(trt::explainAll({one, one, error("false", "Det", "b", 1)}) ==
        "node 0 'a' (Det): the operator Det is not supported; node 1 'b' (Det): the operator Det is not supported");
}

void tellsWhyABuildGaveNothing() {
  CHECK(trt::explainBuild({}).status() == BACKEND_INTERNAL);
  CHECK(trt::explainBuild({"node_of_y_0 has no runners that implement it"}).status() == BACKEND_UNSUPPORTED);
  CHECK(trt::explainBuild({"OutOfMemory (no further information)"}).status() == BACKEND_OUT_OF_MEMORY);
  CHECK(trt::explainBuild({"broadcast dimensions must be conformable"}).status() == BACKEND_MODEL);
  CHECK(has(
      trt::explainBuild({"Cannot compile operation 'Gemm_1' for Turing (SM75): FP32 GEMM is not supported."}).what(),
      "leave 75 out"));
}

void readsTheTargetsOfAPlan() {
  std::string plan(64, '\0');
  plan.replace(0, 4, "vtrt");
  plan[32] = 0x7e;  // as TensorRT-RTX 1.7 writes it where no target was asked for; bit 6 has no name
  CHECK((trt::planTargets(plan.data(), plan.size()) == std::vector<int32_t>{80, 86, 89, 120, 121}));
  plan[32] = 0x01;
  CHECK((trt::planTargets(plan.data(), plan.size()) == std::vector<int32_t>{75}));
  CHECK(trt::planTargets(plan.data(), 63).empty());
  CHECK(trt::planTargets("ftrt", 4).empty());
}

}  // namespace

void parseCases() {
  saysWhichOperatorIsNotSupported();
  keepsNvidiasWordsBesideOurs();
  tellsEveryErrorOnce();
  tellsWhyABuildGaveNothing();
  readsTheTargetsOfAPlan();
}

}  // namespace trtbuild_test
