// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "tensorrt/settings.h"
#include "trtbuild_cases.h"
#include "trtbuild_fake_config.h"

namespace trtbuild_test {
namespace {

using Given = std::vector<std::pair<std::string, std::string>>;

trt::BuildSettings read(const Given& given, trt::Flavour flavour = trt::Flavour::kEnterprise) {
  std::vector<backend_option> list;
  for (const auto& [key, value] : given) list.push_back({key.c_str(), value.c_str()});
  trtn::OptionReader options(list.data(), list.size());
  trt::BuildSettings settings = trt::readSettings(options, flavour);
  options.refuse_unknown();
  return settings;
}

// As applySettings() does it, without a library to name.
std::vector<std::string> apply(const trt::BuildSettings& settings, FakeConfig& config) {
  std::vector<std::string> ignored;
  for (const trt::Step& step : settings.steps) {
    step.set(config);
    if (step.get(config) != step.expected) ignored.push_back(step.option + ": " + step.get(config));
  }
  return ignored;
}

void setsAndReadsBack() {
  FakeConfig config;
  const Given given = {{"noTF32", "1"},
                       {"refit", "1"},
                       {"sparsity", "enable"},
                       {"builderOptimizationLevel", "4"},
                       {"hardwareCompatibilityLevel", "ampere+"},
                       {"profilingVerbosity", "detailed"},
                       {"memPoolSize", "workspace:1024,tacticSharedMem:48"},
                       {"tacticSources", "-CUDNN,+JIT_CONVOLUTIONS"},
                       {"preview", "+ALIASED_PLUGIN_IO_10_03"},
                       {"useDLACore", "1"}};
  CHECK(apply(read(given), config).empty());
  CHECK(!config.flag("TF32") && config.flag("REFIT") && config.flag("SPARSE_WEIGHTS"));
  CHECK(config.get(trt::Setting::kOptimizationLevel) == 4);
  CHECK(config.get(trt::Setting::kHardwareCompatibility) == 1);
  CHECK(config.get(trt::Setting::kProfilingVerbosity) == 2);
  CHECK(config.get(trt::Setting::kDefaultDeviceType) == 1 && config.get(trt::Setting::kDlaCore) == 1);
  CHECK(config.memoryPool("WORKSPACE") == 1024 && config.memoryPool("TACTIC_SHARED_MEMORY") == 48);
  CHECK((config.sources == std::vector<std::string>{"CUBLAS", "JIT_CONVOLUTIONS"}));
  CHECK(config.preview("ALIASED_PLUGIN_IO_10_03"));
}

void noticesWhatWasIgnored() {
  FakeConfig config;
  config.deaf = true;
  const auto ignored =
      apply(read({{"refit", "1"}, {"hardwareCompatibilityLevel", "ampere+"}, {"avgTiming", "8"}}), config);
  CHECK((ignored == std::vector<std::string>{"refit: off", "avgTiming: 0", "hardwareCompatibilityLevel: none"}));
  CHECK(apply(read({{"tacticSources", "-CUDNN"}}), config).size() == 1);
}

void stripsForTheSameWeightsUnlessRefitIsAsked() {
  FakeConfig same;
  apply(read({{"stripWeights", "1"}}), same);
  CHECK(same.flag("STRIP_PLAN") && same.flag("REFIT_IDENTICAL") && !same.flag("REFIT"));
  FakeConfig other;
  apply(read({{"stripWeights", "1"}, {"refit", "1"}}), other);
  CHECK(other.flag("STRIP_PLAN") && !other.flag("REFIT_IDENTICAL") && other.flag("REFIT"));
}

void refusesWhatCannotBe() {
  CHECK(refusalOf([] { read({{"bogus", "1"}}); }).says("no option 'bogus'"));
  CHECK(refusalOf([] { read({{"builderOptimizationLevel", "9"}}); }).says("from 0 to 5"));
  CHECK(refusalOf([] { read({{"profilingVerbosity", "loud"}}); }).says("'layer_names_only', 'none', 'detailed'"));
  CHECK(refusalOf([] { read({{"memPoolSize", "workspace:0"}}); }).status == BACKEND_INVALID_ARGUMENT);
  CHECK(refusalOf([] { read({{"memPoolSize", "cellar:1"}}); }).says("tacticSharedMem"));
  CHECK(refusalOf([] { read({{"memPoolSize", "workspace"}}); }).status == BACKEND_INVALID_ARGUMENT);
  CHECK(refusalOf([] { read({{"sparsity", "maybe"}}); }).says("'enable' or 'disable'"));
  CHECK(refusalOf([] { read({{"excludeLeanRuntime", "1"}}); }).says("'versionCompatible' along with it"));
  CHECK(refusalOf([] { read({{"buildDLAStandalone", "1"}}); }).says("useDLACore"));
  CHECK(refusalOf([] { read({{"computeCapabilities", "86"}}); }).status == BACKEND_UNSUPPORTED);
  CHECK(refusalOf([] { read({{"parserFlags", "ENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA"}}); }).says("crashes"));
  CHECK(refusalOf([] { read({{"versionCompatible", "1"}}, trt::Flavour::kRtx); }).says("excludeLeanRuntime"));
}

void readsTargetsOnce() {
  const auto settings = read({{"computeCapabilities", "86,89,86"}}, trt::Flavour::kRtx);
  CHECK((settings.computeCapabilities == std::vector<int32_t>{86, 89}));
  CHECK(refusalOf([] { read({{"computeCapabilities", "8.6"}}, trt::Flavour::kRtx); }).says("a list such as"));
  CHECK(refusalOf([] { read({{"computeCapabilities", ""}}, trt::Flavour::kRtx); }).says("a list such as"));
}

void saysWhatNeedsADevice() {
  for (const char* option : {"refit", "refitIdentical", "stripWeights"}) {
    const auto settings = read({{option, "1"}}, trt::Flavour::kRtx);
    const Refusal refusal = refusalOf([&] { trt::refuseWithoutDevice(settings, "There is no driver."); });
    CHECK(refusal.status == BACKEND_UNAVAILABLE && refusal.says(option) && refusal.says("There is no driver."));
  }
  CHECK(refusalOf([] { trt::refuseWithoutDevice(read({{"noTF32", "1"}}), ""); }).status == BACKEND_OK);
}

}  // namespace

void settingCases() {
  setsAndReadsBack();
  noticesWhatWasIgnored();
  stripsForTheSameWeightsUnlessRefitIsAsked();
  refusesWhatCannotBe();
  readsTargetsOnce();
  saysWhatNeedsADevice();
}

}  // namespace trtbuild_test
