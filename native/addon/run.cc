// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <algorithm>
#include <cstring>

#include "buffers.h"
#include "reaper.h"

namespace trtn {
namespace {

// id, status, queue, copy in, compute, copy out, lane, copies, outputs or message: see NativeChannel in native.ts.
constexpr size_t kHead = 9;
// A pooled output up to this size travels by the scratch memory: a small array that JavaScript makes costs a tenth of an
// ArrayBuffer from here (measured at 16 bytes: 0.07 µs against 0.4 to 1.3 with what its collection takes).
constexpr size_t kSmallBytes = 4096;
constexpr double kCallersMemory = -1;
constexpr double kFirstAttachment = -2;  // counting down

bool is_small(const backend_tensor& output) { return output.memory == BACKEND_POOLED && output.bytes <= kSmallBytes; }

// Keeps each output aligned for any element type.
size_t rounded(size_t bytes) { return (bytes + 7) / 8 * 8; }

}  // namespace

void Run::submit(Environment& environment, size_t id, const std::shared_ptr<SessionHandle>& session, int32_t lane,
                 uint64_t budget_ns) {
  session_ = session;
  id_ = id;
  request_.struct_size = sizeof request_;
  request_.inputs = inputs.data();
  request_.input_count = static_cast<uint32_t>(inputs.size());
  request_.outputs = outputs.data();
  request_.output_count = static_cast<uint32_t>(outputs.size());
  request_.lane = lane;
  request_.profile = -1;
  request_.budget_ns = budget_ns;
  request_.user = this;
  request_.done = on_done;
  environment.begin_run(id, this);
  session->api().submit(session->get(), &request_);
}

void Run::on_done(void* user, backend_status status, const char* message, const backend_timings* timings,
                  int32_t lane) {
  Run& run = *static_cast<Run*>(user);
  run.status_ = status;
  run.message_.assign(message == nullptr ? "" : message);
  run.timings_ = *timings;
  run.lane_ = lane;
  run.mailbox_->post(&run, true);
}

void Run::settle(Environment& environment) {
  environment.end_run(id_);
  if (status_ == BACKEND_OK) {
    report(environment.channel());
  } else {
    report_failure(environment.channel());
  }
  give_back_pooled();
  recycle();
}

double* Run::write_head(double* numbers) const {
  const double head[kHead] = {static_cast<double>(id_),
                              static_cast<double>(status_),
                              static_cast<double>(timings_.queue_ns),
                              static_cast<double>(timings_.copy_in_ns),
                              static_cast<double>(timings_.compute_ns),
                              static_cast<double>(timings_.copy_out_ns),
                              static_cast<double>(lane_),
                              static_cast<double>(timings_.copies),
                              static_cast<double>(outputs.size())};
  return std::copy(head, head + kHead, numbers);
}

void Run::report(Channel& channel) {
  size_t numbers = kHead;
  size_t scratch = 0;
  for (const backend_tensor& output : outputs) {
    numbers += 2 + static_cast<size_t>(output.rank);
    if (!is_small(output)) continue;
    scratch += rounded(output.bytes);
    ++timings_.copies;
  }
  if (!channel.make_room(numbers, scratch)) {  // TypeScript has made the channel large enough: see reserveChannel
    status_ = BACKEND_INTERNAL;
    message_ = "the channel has no room for these outputs";
    return report_failure(channel);
  }
  attach_large(channel);
  Channel::Report room = channel.begin_report(numbers, scratch);
  double* next = write_head(room.numbers);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const backend_tensor& output = outputs[i];
    *next++ = output.rank;
    next = std::copy(output.dims, output.dims + output.rank, next);
    if (is_small(output)) {
      if (output.bytes > 0) std::memcpy(room.scratch, output.data, output.bytes);
      *next++ = static_cast<double>(room.offset);
      room.scratch += rounded(output.bytes);
      room.offset += rounded(output.bytes);
    } else {
      *next++ = places_[i];
    }
  }
}

void Run::report_failure(Channel& channel) {
  channel.make_room(kHead, 0);
  napi_value text;
  if (napi_create_string_utf8(channel.env(), message_.data(), message_.size(), &text) != napi_ok) return;
  double* const end = write_head(channel.begin_report(kHead, 0).numbers);
  *(end - 1) = static_cast<double>(channel.attach(text));
}

void Run::attach_large(Channel& channel) {
  places_.assign(outputs.size(), kCallersMemory);
  for (size_t i = 0; i < outputs.size(); ++i) {
    backend_tensor& output = outputs[i];
    if (output.memory != BACKEND_POOLED || is_small(output)) continue;
    void* const pooled = output.pooled;
    output.pooled = nullptr;  // adopt() owns it from here on
    bool copied = false;
    napi_value buffer = adopt(channel.env(), output.data, output.bytes, session_->api().release, pooled, &copied);
    if (buffer == nullptr) continue;  // the environment is ending: nobody will look
    if (copied) ++timings_.copies;
    places_[i] = kFirstAttachment - static_cast<double>(channel.attach(buffer));
  }
}

void Run::give_back_pooled() noexcept {
  for (backend_tensor& output : outputs) {
    if (output.memory == BACKEND_POOLED && output.pooled != nullptr) session_->api().release(output.pooled);
    output.pooled = nullptr;
  }
}

void Run::recycle() noexcept {
  // Only this thread lets go of a session's runs and wraps: the count cannot change under us.
  if (session_.use_count() == 1) {
    reap(std::move(session_));
  } else {
    session_.reset();
  }
  pool_->give_back(this);
}

void Run::abandon() noexcept {
  if (status_ == BACKEND_OK) give_back_pooled();
  recycle();
}

Run* RunPool::take() {
  if (idle_.empty()) return new Run(this, mailbox_);
  Run* const run = idle_.back().release();
  idle_.pop_back();
  return run;
}

void RunPool::give_back(Run* run) { idle_.emplace_back(run); }

}  // namespace trtn
