// SPDX-License-Identifier: Apache-2.0
#include "control.h"

#include <memory>
#include <string>
#include <utility>

#include "task.h"

namespace trtn {
namespace {

class ControlTask : public Task {
 public:
  ControlTask(std::string verb, std::string arguments, bool has_arguments,
              std::function<backend_status(const ControlCall&)> call)
      : verb_(std::move(verb)),
        arguments_(std::move(arguments)),
        has_arguments_(has_arguments),
        call_(std::move(call)) {}

 private:
  backend_status run(backend_error* error) override {
    const backend_sink sink = text_sink(&answer_);
    const backend_status status = call_({verb_.c_str(), has_arguments_ ? arguments_.c_str() : nullptr, &sink, error});
    call_ = nullptr;  // the last owner of a session or engine may block when it lets go: not on the JS thread
    return status;
  }
  Napi::Value result(Napi::Env env) override { return Napi::String::New(env, answer_); }

  const std::string verb_;
  const std::string arguments_;
  const bool has_arguments_;
  std::function<backend_status(const ControlCall&)> call_;
  std::string answer_;
};

}  // namespace

backend_sink text_sink(std::string* text) {
  return {[](void* user, const void* data, size_t bytes) {
            static_cast<std::string*>(user)->append(static_cast<const char*>(data), bytes);
          },
          text};
}

Napi::Object start_control(const Napi::CallbackInfo& info, std::function<backend_status(const ControlCall&)> call) {
  const Napi::Env env = info.Env();
  const bool has_arguments = info[1].IsString();
  auto task = std::make_unique<ControlTask>(info[0].As<Napi::String>().Utf8Value(),
                                            has_arguments ? info[1].As<Napi::String>().Utf8Value() : std::string(),
                                            has_arguments, std::move(call));
  return Task::start(std::move(task), env.Undefined(), env.Undefined(), env.Undefined());
}

}  // namespace trtn
