// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/settings.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "tensorrt/setting_steps.h"
#include "tensorrt/text.h"

namespace trt {
namespace {

using trtn::OptionReader;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

struct FlagRow {
  const char* option;
  const char* flag;
  bool on;  // what the flag is to be when the option is given
};
constexpr FlagRow kFlags[] = {
    {"noTF32", "TF32", false},
    {"refit", "REFIT", true},
    {"refitIdentical", "REFIT_IDENTICAL", true},
    {"refitIndividual", "REFIT_INDIVIDUAL", true},
    {"stripWeights", "STRIP_PLAN", true},
    {"allowWeightStreaming", "WEIGHT_STREAMING", true},
    {"versionCompatible", "VERSION_COMPATIBLE", true},
    {"excludeLeanRuntime", "EXCLUDE_LEAN_RUNTIME", true},
    {"noBuilderCache", "DISABLE_TIMING_CACHE", true},
    {"noCompilationCache", "DISABLE_COMPILATION_CACHE", true},
    {"errorOnTimingCacheMiss", "ERROR_ON_TIMING_CACHE_MISS", true},
    {"editableTimingCache", "EDITABLE_TIMING_CACHE", true},
    {"directIO", "DIRECT_IO", true},
    {"allowGPUFallback", "GPU_FALLBACK", true},
    {"monitorMemory", "MONITOR_MEMORY", true},
    {"strictNans", "STRICT_NANS", true},
    {"distributiveIndependence", "DISTRIBUTIVE_INDEPENDENCE", true},
    {"debug", "DEBUG", true},
};

struct NumberRow {
  const char* option;
  Setting setting;
  int64_t min;
  int64_t max;
};
constexpr NumberRow kNumbers[] = {
    {"builderOptimizationLevel", Setting::kOptimizationLevel, 0, 5},
    {"avgTiming", Setting::kAvgTimingIterations, 1, 1000},
    {"maxAuxStreams", Setting::kMaxAuxStreams, 0, 1024},
    {"maxTactics", Setting::kMaxTactics, -1, 1 << 20},
    {"tilingOptimizationLevel", Setting::kTilingLevel, 0, 3},
    {"l2LimitForTiling", Setting::kL2LimitForTiling, -1, kMost},
};

struct ChoiceRow {
  const char* option;
  Setting setting;
  Choice choices[3];
};
constexpr ChoiceRow kChoices[] = {
    {"profilingVerbosity", Setting::kProfilingVerbosity, {{"layer_names_only", 0}, {"none", 1}, {"detailed", 2}}},
    {"hardwareCompatibilityLevel",
     Setting::kHardwareCompatibility,
     {{"none", 0}, {"ampere+", 1}, {"sameComputeCapability", 2}}},
    {"runtimePlatform", Setting::kRuntimePlatform, {{"sameAsBuild", 0}, {"windowsAMD64", 1}, {nullptr, 0}}},
};

void readTable(OptionReader& options, BuildSettings& settings) {
  for (const FlagRow& row : kFlags) {
    if (options.flag(row.option, false)) settings.steps.push_back(flagStep(row.option, row.flag, row.on));
  }
  for (const NumberRow& row : kNumbers) {
    if (options.find(row.option) == nullptr) continue;
    settings.steps.push_back(numberStep(row.option, row.setting, options.integer(row.option, 0, row.min, row.max)));
  }
  for (const ChoiceRow& row : kChoices) {
    const char* text = options.find(row.option);
    if (text == nullptr) continue;
    settings.steps.push_back(
        choiceStep(row.option, row.setting, {std::begin(row.choices), std::end(row.choices)}, text));
  }
}

void readLists(OptionReader& options, BuildSettings& settings) {
  if (const char* text = options.find("memPoolSize")) addPoolSteps(text, settings.steps);
  if (const char* text = options.find("tacticSources")) settings.steps.push_back(tacticSourcesStep(text));
  if (const char* text = options.find("preview")) addPreviewSteps(text, settings.steps);
  settings.plugins = splitText(options.find("plugins"), '\n');
  settings.pluginsToSerialize = splitText(options.find("pluginsToSerialize"), '\n');
}

// trtexec: stripped weights are put back from the same model, unless `refit` asks for others.
void readWeights(OptionReader& options, BuildSettings& settings) {
  const char* sparsity = options.find("sparsity");
  if (sparsity != nullptr && std::strcmp(sparsity, "enable") == 0) {
    settings.steps.push_back(flagStep("sparsity", "SPARSE_WEIGHTS", true));
  } else if (sparsity != nullptr && std::strcmp(sparsity, "disable") != 0) {
    OptionReader::refuse("sparsity", sparsity, "'enable' or 'disable'");
  }
  const bool strip = options.flag("stripWeights", false);
  const bool given =
      options.flag("refit", false) || options.flag("refitIdentical", false) || options.flag("refitIndividual", false);
  if (strip && !given) settings.steps.push_back(flagStep("stripWeights", "REFIT_IDENTICAL", true));
  settings.versionCompatible = options.flag("versionCompatible", false);
  if (options.flag("excludeLeanRuntime", false) && !settings.versionCompatible) {
    OptionReader::refuse("excludeLeanRuntime", "1", "the option 'versionCompatible' along with it");
  }
}

void readTargets(OptionReader& options, Flavour flavour, BuildSettings& settings) {
  settings.device = static_cast<int32_t>(options.integer("device", 0, 0, 1023));
  settings.maxThreads = static_cast<int32_t>(options.integer("maxThreads", 0, 0, 1024));
  settings.dlaCore = static_cast<int32_t>(options.integer("useDLACore", -1, -1, 63));
  const bool standalone = options.flag("buildDLAStandalone", false);
  const bool safe = options.flag("safe", false);
  if (standalone && settings.dlaCore < 0) {
    OptionReader::refuse("buildDLAStandalone", "1", "the option 'useDLACore' along with it");
  }
  if (settings.dlaCore >= 0) {
    settings.steps.push_back(numberStep("useDLACore", Setting::kDefaultDeviceType, 1));
    settings.steps.push_back(numberStep("useDLACore", Setting::kDlaCore, settings.dlaCore));
  }
  if (standalone) settings.steps.push_back(numberStep("buildDLAStandalone", Setting::kEngineCapability, 2));
  if (safe && !standalone) settings.steps.push_back(numberStep("safe", Setting::kEngineCapability, 1));
  const char* list = options.find("computeCapabilities");
  if (list == nullptr) return;
  if (flavour != Flavour::kRtx) {
    throw Error(BACKEND_UNSUPPORTED,
                "The option 'computeCapabilities' is TensorRT-RTX's: TensorRT builds for the device that is there. Use "
                "the backend 'tensorrt-rtx', or 'hardwareCompatibilityLevel'.");
  }
  settings.computeCapabilities = readCapabilities(list);
}

void readParser(OptionReader& options, BuildSettings& settings) {
  if (options.flag("pluginInstanceNorm", false)) settings.parserFlags.emplace_back("NATIVE_INSTANCENORM", false);
  for (const std::string& flag : splitText(options.find("parserFlags"), ',')) {
    if (flag == "ENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA") {
      throw Error(BACKEND_UNSUPPORTED, "The parser flag " + flag +
                                           " is not offered: with it, NVIDIA's parser crashes on models that are "
                                           "quantised to uint8.");
    }
    settings.parserFlags.emplace_back(flag, true);
  }
}

backend_log_level readLevel(OptionReader& options) {
  constexpr const char* kLevels[] = {"error", "warning", "info", "verbose"};
  const char* text = options.find("logLevel");
  if (text == nullptr) return BACKEND_LOG_INFO;
  for (int level = 0; level < 4; ++level) {
    if (std::strcmp(text, kLevels[level]) == 0) return static_cast<backend_log_level>(level);
  }
  OptionReader::refuse("logLevel", text, "'error', 'warning', 'info' or 'verbose'");
}

bool asks(const BuildSettings& settings, const char* option) {
  return std::any_of(settings.steps.begin(), settings.steps.end(), [&](const Step& s) { return s.option == option; });
}

}  // namespace

BuildSettings readSettings(OptionReader& options, Flavour flavour) {
  BuildSettings settings;
  readTable(options, settings);
  readLists(options, settings);
  readWeights(options, settings);
  readTargets(options, flavour, settings);
  readParser(options, settings);
  settings.logLevel = readLevel(options);
  if (const char* file = options.find("timingCacheFile")) settings.timingCacheFile = file;
  if (flavour == Flavour::kRtx && settings.versionCompatible && !asks(settings, "excludeLeanRuntime")) {
    throw Error(BACKEND_UNSUPPORTED,
                "TensorRT-RTX has no lean runtime to put into a version-compatible engine. Give 'excludeLeanRuntime' "
                "along with 'versionCompatible'.");
  }
  for (const Step& step : settings.steps) settings.given.emplace_back(step.option, step.value);
  return settings;
}

void refuseWithoutDevice(const BuildSettings& settings, const std::string& whyNoDevice) {
  for (const char* option : {"refit", "refitIdentical", "stripWeights"}) {
    if (!asks(settings, option)) continue;
    throw Error(BACKEND_UNAVAILABLE, std::string("The option '") + option +
                                         "' needs a device while the engine is built, and there is none: " +
                                         whyNoDevice + " Build without it, or on a machine with a GPU.");
  }
}

void applySettings(const BuildSettings& settings, BuilderConfig& config, const Libraries& libraries, JobLog& log) {
  const std::string library = std::string(titleOf(libraries.flavour())) + " " + textOf(libraries.version());
  for (const Step& step : settings.steps) {
    log.forgetErrors();
    std::string received;
    try {
      step.set(config);
      received = step.get(config);
    } catch (const Error& error) {  // a flag that this version does not have
      throw Error(error.status() == BACKEND_INVALID_ARGUMENT ? BACKEND_UNSUPPORTED : error.status(),
                  "The option '" + step.option + "' cannot be served by " + library + ": " + error.what());
    }
    if (received == step.expected) continue;
    throw Error(BACKEND_UNSUPPORTED, library + " did not take the option '" + step.option + "' (" + step.value +
                                         "): expected " + step.expected + " but received " + received + ". " +
                                         log.why("It gave no reason."));
  }
  if (!settings.computeCapabilities.empty()) config.setComputeCapabilities(settings.computeCapabilities);
  if (!settings.pluginsToSerialize.empty()) config.setPluginsToSerialize(settings.pluginsToSerialize);
}

}  // namespace trt
