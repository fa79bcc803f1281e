// SPDX-License-Identifier: Apache-2.0
// Progress and log lines of a long call on their way to JavaScript: coalesced, so that a build that reports a million
// steps wakes the JS thread no more often than that drains them.
#ifndef TENSORRT_NODE_ADDON_FEED_H_
#define TENSORRT_NODE_ADDON_FEED_H_

#include <napi.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backend.h"
#include "completion_queue.h"

namespace trtn {

class Feed : public std::enable_shared_from_this<Feed> {
 public:
  // JS thread. Either may be undefined.
  Feed(Mailbox* mailbox, const Napi::Value& on_progress, const Napi::Value& on_log);

  // Any thread, while the call that reports is in progress.
  void progress(const char* phase, const char* parent, int32_t step, int32_t steps);
  void log(backend_log_level level, const char* text);

  // JS thread: hands over what has come since the last time. Exceptions of the callbacks are fatal, as in any callback.
  void deliver(Napi::Env env);

  bool wants_progress() const { return !on_progress_.IsEmpty(); }
  bool wants_log() const { return !on_log_.IsEmpty(); }

 private:
  struct Phase {
    std::string name;
    std::string parent;
    bool has_parent;
    int32_t step;
    int32_t steps;
  };
  struct Line {
    backend_log_level level;
    std::string text;
  };
  class Note;

  void notify(std::unique_lock<std::mutex>& lock);

  Mailbox* const mailbox_;
  Napi::FunctionReference on_progress_;
  Napi::FunctionReference on_log_;
  std::mutex mutex_;
  std::vector<Phase> phases_;  // in order of their last change
  std::vector<Line> lines_;
  size_t dropped_ = 0;
  bool noted_ = false;  // a Note is under way
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_FEED_H_
