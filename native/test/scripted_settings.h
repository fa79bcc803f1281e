// SPDX-License-Identifier: Apache-2.0
// What a scripted engine or session does: options, with the payload's "key value" lines as defaults. See scripted.md.
#ifndef TENSORRT_NODE_TEST_SCRIPTED_SETTINGS_H_
#define TENSORRT_NODE_TEST_SCRIPTED_SETTINGS_H_

#include <cstdint>

#include "backend.h"
#include "options.h"
#include "scripted_model.h"

namespace trtn::scripted {

struct Settings {
  int64_t delay_us = 0;
  int64_t row_us = 0;
  int64_t noise_percent = 0;
  bool delay_from_input = false;
  bool stubborn = false;
  bool late_inline = false;
  bool stage = false;
  int64_t fail_every = 0;
  int64_t fail_status = BACKEND_DEVICE;
  int64_t load_status = BACKEND_OK;
  int64_t create_status = BACKEND_OK;
  int64_t alloc_limit = int64_t{1} << 40;
  int64_t spin_us = 50;
  int64_t build_steps = 3;
  int64_t build_step_us = 0;
};

inline Settings read_settings(const Model& model, const backend_option* options, size_t count) {
  std::vector<backend_option> all;
  std::vector<std::pair<std::string, std::string>> defaults;
  for (const std::string& line : model.script) {
    const size_t space = line.find(' ');
    defaults.emplace_back(line.substr(0, space), space == std::string::npos ? "" : line.substr(space + 1));
  }
  for (const auto& [key, value] : defaults) all.push_back({key.c_str(), value.c_str()});
  for (size_t i = 0; i < count; ++i) all.push_back(options[i]);

  constexpr int64_t kLong = 3600LL * 1000 * 1000;
  OptionReader reader(all.data(), all.size());
  Settings out;
  out.delay_us = reader.integer("delayUs", out.delay_us, 0, kLong);
  out.row_us = reader.integer("rowUs", out.row_us, 0, kLong / 1000);
  out.noise_percent = reader.integer("noisePercent", out.noise_percent, 0, 100);
  out.delay_from_input = reader.flag("delayFromInput", out.delay_from_input);
  out.stubborn = reader.flag("stubborn", out.stubborn);
  out.late_inline = reader.flag("inline", out.late_inline);
  out.stage = reader.flag("stage", out.stage);
  out.fail_every = reader.integer("failEvery", out.fail_every, 0, 1 << 30);
  out.fail_status = reader.integer("failStatus", out.fail_status, 0, 100);
  out.load_status = reader.integer("loadStatus", out.load_status, 0, 100);
  out.create_status = reader.integer("createStatus", out.create_status, 0, 100);
  out.alloc_limit = reader.integer("allocLimit", out.alloc_limit, 0, int64_t{1} << 40);
  out.spin_us = reader.integer("spinMicros", out.spin_us, 0, 1000000);
  out.build_steps = reader.integer("buildSteps", out.build_steps, 0, 1 << 30);
  out.build_step_us = reader.integer("buildStepUs", out.build_step_us, 0, kLong);
  reader.refuse_unknown();
  return out;
}

}  // namespace trtn::scripted

#endif  // TENSORRT_NODE_TEST_SCRIPTED_SETTINGS_H_
