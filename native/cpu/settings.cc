// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <string>

#include "ort_status.h"

namespace trtn::cpu {
namespace {

struct NamedLevel {
  std::string_view name;
  ort::OptimizationLevel level;
};
constexpr NamedLevel kLevels[] = {{"none", ort::kDisableAll},
                                  {"basic", ort::kEnableBasic},
                                  {"extended", ort::kEnableExtended},
                                  {"all", ort::kEnableAll}};
constexpr int kMostThreads = 1024;

}  // namespace

ort::OptimizationLevel read_level(OptionReader& options, ort::OptimizationLevel otherwise,
                                  ort::OptimizationLevel highest) {
  const char* text = options.find("optimize");
  if (text == nullptr) return otherwise;
  std::string names;
  for (const NamedLevel& known : kLevels) {
    if (known.level > highest) continue;
    if (known.name == text) return known.level;
    names += (names.empty() ? "'" : ", '") + std::string(known.name) + "'";
  }
  OptionReader::refuse("optimize", text, "one of " + names);
}

std::string_view level_name(ort::OptimizationLevel level) {
  for (const NamedLevel& known : kLevels) {
    if (known.level == level) return known.name;
  }
  return "unknown";
}

Settings read_settings(OptionReader& options, const Settings& otherwise) {
  Settings settings;
  settings.threads = static_cast<int>(options.integer("threads", otherwise.threads, 0, kMostThreads));
  settings.optimize = read_level(options, otherwise.optimize, ort::kEnableAll);
  settings.arena = options.flag("arena", otherwise.arena);
  settings.spinning = options.flag("spinning", otherwise.spinning);
  return settings;
}

SessionOptions make_session_options(const Library& library) {
  ort::SessionOptions* options = nullptr;
  require(library.api(), library.api().CreateSessionOptions(&options));
  SessionOptions owned(options, {library.api().ReleaseSessionOptions});
  // Otherwise bytes that merely look like ONNX Runtime's own format are parsed as that.
  set_entry(library, options, "session.load_model_format", "ONNX");
  return owned;
}

void set_entry(const Library& library, ort::SessionOptions* options, const char* key, const char* value) {
  require(library.api(), library.api().AddSessionConfigEntry(options, key, value));
}

void apply(const Library& library, ort::SessionOptions* options, const Settings& settings) {
  const ort::Api& api = library.api();
  require(api, api.SetSessionGraphOptimizationLevel(options, settings.optimize));
  require(api, api.SetIntraOpNumThreads(options, settings.threads));
  if (!settings.arena) require(api, api.DisableCpuMemArena(options));
  set_entry(library, options, "session.intra_op.allow_spinning", settings.spinning ? "1" : "0");
  // Threads of a session that has just finished would otherwise spin on, and steal cores from the sessions that work.
  set_entry(library, options, "session.force_spinning_stop", "1");
}

}  // namespace trtn::cpu
