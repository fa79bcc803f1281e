// SPDX-License-Identifier: Apache-2.0
// engine_control and session_control as tasks: JSON text in and out.
#ifndef TENSORRT_NODE_ADDON_CONTROL_H_
#define TENSORRT_NODE_ADDON_CONTROL_H_

#include <napi.h>

#include <functional>

#include "backend.h"

namespace trtn {

struct ControlCall {
  const char* verb;
  const char* arguments;  // null: none
  const backend_sink* answer;
  backend_error* error;
};

// Collects what a sink is given.
backend_sink text_sink(std::string* text);

// Arguments 0 and 1 of `info` are the verb and the arguments. `call` keeps alive what it calls, and runs on a thread.
Napi::Object start_control(const Napi::CallbackInfo& info, std::function<backend_status(const ControlCall&)> call);

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_CONTROL_H_
