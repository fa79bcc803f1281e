// SPDX-License-Identifier: Apache-2.0
#include "feed.h"

#include <algorithm>
#include <initializer_list>

#include "environment.h"

namespace trtn {
namespace {

// A JS thread that is kept busy reads nothing: a verbose build must not fill the memory meanwhile.
constexpr size_t kMaxLines = 10000;

// What a callback throws is an uncaught exception, as with any event; the rest is delivered all the same.
void call(napi_env env, napi_value function, std::initializer_list<napi_value> arguments) {
  napi_value receiver;
  napi_get_undefined(env, &receiver);
  const napi_status status = napi_call_function(env, receiver, function, arguments.size(), arguments.begin(), nullptr);
  napi_value error;
  if (status != napi_pending_exception || napi_get_and_clear_last_exception(env, &error) != napi_ok) return;
  napi_fatal_exception(env, error);
}

}  // namespace

class Feed::Note : public Completion {
 public:
  explicit Note(std::shared_ptr<Feed> feed) : feed_(std::move(feed)) {}
  void settle(Environment& environment) override {
    const std::unique_ptr<Note> self(this);
    const Napi::HandleScope scope(environment.env());
    feed_->deliver(environment.env());
  }
  void abandon() noexcept override { delete this; }

 private:
  const std::shared_ptr<Feed> feed_;
};

Feed::Feed(Mailbox* mailbox, const Napi::Value& on_progress, const Napi::Value& on_log) : mailbox_(mailbox) {
  if (on_progress.IsFunction()) on_progress_ = Napi::Persistent(on_progress.As<Napi::Function>());
  if (on_log.IsFunction()) on_log_ = Napi::Persistent(on_log.As<Napi::Function>());
}

void Feed::notify(std::unique_lock<std::mutex>& lock) {
  if (noted_) return;
  noted_ = true;
  lock.unlock();
  mailbox_->post(new Note(shared_from_this()), false);
}

void Feed::progress(const char* phase, const char* parent, int32_t step, int32_t steps) {
  std::unique_lock<std::mutex> lock(mutex_);
  phases_.erase(std::remove_if(phases_.begin(), phases_.end(), [&](const Phase& p) { return p.name == phase; }),
                phases_.end());
  phases_.push_back({phase, parent == nullptr ? "" : parent, parent != nullptr, step, steps});
  notify(lock);
}

void Feed::log(backend_log_level level, const char* text) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (lines_.size() >= kMaxLines) {
    ++dropped_;
    return;
  }
  lines_.push_back({level, text});
  notify(lock);
}

void Feed::deliver(Napi::Env env) {
  std::vector<Phase> phases;
  std::vector<Line> lines;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    phases.swap(phases_);
    lines.swap(lines_);
    if (dropped_ > 0) lines.push_back({BACKEND_LOG_WARNING, std::to_string(dropped_) + " more log lines were dropped"});
    dropped_ = 0;
    noted_ = false;
  }
  for (const Line& line : lines) {
    call(env, on_log_.Value(), {Napi::Number::New(env, line.level), Napi::String::New(env, line.text)});
  }
  for (const Phase& phase : phases) {
    const Napi::Value parent = phase.has_parent ? Napi::String::New(env, phase.parent) : env.Null();
    call(env, on_progress_.Value(),
         {Napi::String::New(env, phase.name), parent, Napi::Number::New(env, phase.step),
          Napi::Number::New(env, phase.steps)});
  }
}

}  // namespace trtn
