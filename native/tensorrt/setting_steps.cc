// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/setting_steps.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "tensorrt/text.h"

namespace trt {
namespace {

using trtn::OptionReader;

const char* onOff(bool on) { return on ? "on" : "off"; }

struct Pool {
  const char* name;
  const char* pool;
};
constexpr Pool kPools[] = {{"workspace", "WORKSPACE"},         {"dlaSRAM", "DLA_MANAGED_SRAM"},
                           {"dlaLocalDRAM", "DLA_LOCAL_DRAM"}, {"dlaGlobalDRAM", "DLA_GLOBAL_DRAM"},
                           {"tacticDRAM", "TACTIC_DRAM"},      {"tacticSharedMem", "TACTIC_SHARED_MEMORY"}};

Step poolStep(const std::string& name, const std::string& pool, uint64_t bytes) {
  Step step;
  step.option = "memPoolSize";
  step.value = name + ":" + std::to_string(bytes);
  step.expected = std::to_string(bytes);
  step.set = [pool, bytes](BuilderConfig& config) { config.setMemoryPool(pool, bytes); };
  step.get = [pool](const BuilderConfig& config) { return std::to_string(config.memoryPool(pool)); };
  return step;
}

[[noreturn]] void refusePool(const char* text) {
  std::string names;
  for (const Pool& pool : kPools) names += (names.empty() ? "" : ", ") + std::string(pool.name);
  OptionReader::refuse("memPoolSize", text, "a list such as workspace:1073741824, in bytes, of " + names);
}

// "+A" or "-A"; a name alone counts as "+".
std::pair<std::string, bool> signedName(const std::string& text) {
  const bool hasSign = text[0] == '+' || text[0] == '-';
  return {hasSign ? text.substr(1) : text, text[0] != '-'};
}

std::string sortedText(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names.empty() ? "none" : joinText(names, ",");
}

}  // namespace

Step flagStep(const char* option, const char* flag, bool on) {
  Step step;
  step.option = option;
  step.value = "1";
  step.expected = onOff(on);
  const std::string name = flag;
  step.set = [name, on](BuilderConfig& config) { config.setFlag(name, on); };
  step.get = [name](const BuilderConfig& config) { return onOff(config.flag(name)); };
  return step;
}

Step numberStep(const char* option, Setting setting, int64_t value) {
  Step step;
  step.option = option;
  step.value = std::to_string(value);
  step.expected = step.value;
  step.set = [setting, value](BuilderConfig& config) { config.set(setting, value); };
  step.get = [setting](const BuilderConfig& config) { return std::to_string(config.get(setting)); };
  return step;
}

Step choiceStep(const char* option, Setting setting, const std::vector<Choice>& choices, const char* text) {
  std::string names;
  const Choice* chosen = nullptr;
  for (const Choice& choice : choices) {
    if (choice.name == nullptr) continue;
    names += (names.empty() ? "'" : ", '") + std::string(choice.name) + "'";
    if (std::strcmp(choice.name, text) == 0) chosen = &choice;
  }
  if (chosen == nullptr) OptionReader::refuse(option, text, "one of " + names);
  Step step = numberStep(option, setting, chosen->value);
  step.value = text;
  step.expected = text;
  step.get = [setting, choices](const BuilderConfig& config) -> std::string {
    const int64_t value = config.get(setting);
    const auto named = std::find_if(choices.begin(), choices.end(), [&](const Choice& choice) {
      return choice.name != nullptr && choice.value == value;
    });
    return named == choices.end() ? std::to_string(value) : named->name;
  };
  return step;
}

void addPoolSteps(const char* text, std::vector<Step>& steps) {
  for (const std::string& part : splitText(text, ',')) {
    const size_t colon = part.find(':');
    const std::string name = part.substr(0, colon);
    const std::string digits = colon == std::string::npos ? "" : part.substr(colon + 1);
    const auto known =
        std::find_if(std::begin(kPools), std::end(kPools), [&](const Pool& p) { return name == p.name; });
    char* end = nullptr;
    const int64_t bytes = std::strtoll(digits.c_str(), &end, 10);
    // 0 for the workspace: a build fails on it with an assertion.
    if (known == std::end(kPools) || digits.empty() || *end != '\0' || bytes <= 0) refusePool(text);
    steps.push_back(poolStep(name, known->pool, static_cast<uint64_t>(bytes)));
  }
}

Step tacticSourcesStep(const char* text) {
  Step step;
  step.option = "tacticSources";
  step.value = text;
  // What is expected depends on the defaults of the library, which are known only when it is set.
  const auto expected = std::make_shared<std::vector<std::string>>();
  step.set = [text = std::string(text), expected](BuilderConfig& config) {
    std::vector<std::string> sources = config.tacticSources();
    for (const std::string& part : splitText(text.c_str(), ',')) {
      const auto [name, on] = signedName(part);
      sources.erase(std::remove(sources.begin(), sources.end(), name), sources.end());
      if (on) sources.push_back(name);
    }
    *expected = sources;
    (void)config.setTacticSources(sources);  // read back by `get`
  };
  step.expected = "the sources asked for";
  step.get = [expected](const BuilderConfig& config) -> std::string {
    const std::string received = sortedText(config.tacticSources());
    return received == sortedText(*expected) ? "the sources asked for" : received;
  };
  return step;
}

void addPreviewSteps(const char* text, std::vector<Step>& steps) {
  for (const std::string& part : splitText(text, ',')) {
    const auto signedFeature = signedName(part);
    const std::string name = signedFeature.first;
    const bool on = signedFeature.second;
    Step step;
    step.option = "preview";
    step.value = part;
    step.expected = onOff(on);
    step.set = [name, on](BuilderConfig& config) { config.setPreview(name, on); };
    step.get = [name](const BuilderConfig& config) { return onOff(config.preview(name)); };
    steps.push_back(std::move(step));
  }
}

std::vector<int32_t> readCapabilities(const char* text) {
  std::vector<int32_t> list;
  for (const std::string& part : splitText(text, ',')) {
    char* end = nullptr;
    const long value = std::strtol(part.c_str(), &end, 10);
    if (*end != '\0' || value < 10 || value > 999) {
      OptionReader::refuse("computeCapabilities", text, "a list such as 75,86,120");
    }
    const auto capability = static_cast<int32_t>(value);
    if (std::find(list.begin(), list.end(), capability) == list.end()) list.push_back(capability);
  }
  if (list.empty()) OptionReader::refuse("computeCapabilities", text, "a list such as 75,86,120");
  return list;
}

}  // namespace trt
