// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <cstdlib>

#include "../text.h"

namespace trt::run {
namespace {

using trtn::OptionReader;

constexpr int64_t kMostDevices = 1024;
constexpr int64_t kMostSlots = 16;
constexpr int64_t kMostGraphs = 65536;
constexpr int64_t kPriorityRange = 16;  // CUDA clamps to what the device has

struct NamedAllocation {
  const char* name;
  Allocation allocation;
};
constexpr NamedAllocation kAllocations[] = {
    {"static", Allocation::kStatic}, {"profile", Allocation::kOnProfileChange}, {"runtime", Allocation::kUserManaged}};

Allocation read_allocation(OptionReader& options) {
  const char* text = options.find("allocationStrategy");
  if (text == nullptr) return Allocation::kStatic;
  for (const NamedAllocation& known : kAllocations) {
    if (std::string(known.name) == text) return known.allocation;
  }
  OptionReader::refuse("allocationStrategy", text, "one of 'static', 'profile', 'runtime'");
}

std::string text_of(OptionReader& options, const char* key) {
  const char* text = options.find(key);
  return text == nullptr ? "" : text;
}

}  // namespace

LoadSettings read_load_settings(OptionReader& options) {
  LoadSettings settings;
  settings.device = static_cast<int>(options.integer("device", 0, 0, kMostDevices));
  settings.allowHostCode = options.flag("allowHostCode", false);
  settings.plugins = splitText(options.find("plugins"), '\n');
  settings.leanRuntime = text_of(options, "leanRuntime");
  settings.weightStreamingBudget = text_of(options, "weightStreamingBudget");
  settings.runtimeCacheFile = text_of(options, "runtimeCacheFile");
  settings.dlaCore = static_cast<int32_t>(options.integer("dlaCore", -1, -1, 63));
  return settings;
}

SessionSettings read_session_settings(OptionReader& options) {
  SessionSettings settings;
  settings.cudaGraphGiven = options.find("cudaGraph") != nullptr;
  settings.cudaGraph = options.flag("cudaGraph", true);
  settings.graphCapacity =
      static_cast<int32_t>(options.integer("graphCapacity", settings.graphCapacity, 1, kMostGraphs));
  settings.padToGraph = options.flag("padToGraph", false);
  settings.slots = static_cast<int32_t>(options.integer("slots", settings.slots, 1, kMostSlots));
  settings.spinWait = options.flag("spinWait", false);
  settings.streamPriority = static_cast<int32_t>(options.integer("streamPriority", 0, -kPriorityRange, kPriorityRange));
  settings.allocation = read_allocation(options);
  settings.nvtx = options.flag("nvtx", false);
  settings.timings = options.flag("timings", false);
  settings.dynamicShapes = static_cast<int32_t>(options.integer("dynamicShapes", -1, -1, 2));
  return settings;
}

int64_t weight_streaming_bytes(const std::string& text, int64_t streamable, int64_t automatic) {
  if (text == "auto") return automatic;
  if (text == "off") return streamable;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const bool percent = end != text.c_str() && std::string(end) == "%";
  const bool bytes = end != text.c_str() && *end == '\0';
  const double most = percent ? 100.0 : 9e18;
  if ((!percent && !bytes) || !(number >= 0) || number > most) {
    OptionReader::refuse("weightStreamingBudget", text,
                         "'auto', 'off', a number of bytes, or a percentage of the weights");
  }
  return static_cast<int64_t>(percent ? static_cast<double>(streamable) * number / 100.0 : number);
}

const char* allocation_name(Allocation allocation) noexcept {
  for (const NamedAllocation& known : kAllocations) {
    if (known.allocation == allocation) return known.name;
  }
  return "unknown";
}

}  // namespace trt::run
