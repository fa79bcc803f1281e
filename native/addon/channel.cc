// SPDX-License-Identifier: Apache-2.0
#include "channel.h"

namespace trtn {

template <typename T>
void Channel::hold(const Napi::Value& array, Memory<T>& memory) {
  const Napi::TypedArray typed = array.As<Napi::TypedArray>();
  memory.data = reinterpret_cast<T*>(static_cast<char*>(typed.ArrayBuffer().Data()) + typed.ByteOffset());
  memory.length = typed.ByteLength() / sizeof(T);
  memory.owner = Napi::Persistent(array.As<Napi::Object>());
}

void Channel::open(const Napi::Object& memory, const Napi::Function& handler) {
  hold(memory.Get("request"), request_);
  hold(memory.Get("report"), report_);
  hold(memory.Get("scratch"), scratch_);
  handler_ = Napi::Persistent(handler);
}

bool Channel::make_room(size_t numbers, size_t scratch_bytes) {
  if (numbers > report_.length || scratch_bytes > scratch_.length) return false;
  if (numbers_used_ + numbers > report_.length || scratch_used_ + scratch_bytes > scratch_.length) flush();
  return true;
}

Channel::Report Channel::begin_report(size_t numbers, size_t scratch_bytes) {
  const Report report{report_.data + numbers_used_, scratch_.data + scratch_used_, scratch_used_};
  ++count_;
  numbers_used_ += numbers;
  scratch_used_ += scratch_bytes;
  return report;
}

size_t Channel::attach(napi_value value) {
  if (attached_ == nullptr && napi_create_array(env_, &attached_) != napi_ok)
    return 0;  // it is ending: nobody will look
  napi_set_element(env_, attached_, attached_count_, value);
  return attached_count_++;
}

void Channel::flush() {
  if (count_ == 0) return;
  napi_value arguments[2];
  napi_create_uint32(env_, static_cast<uint32_t>(count_), &arguments[0]);
  if (attached_ == nullptr) napi_get_null(env_, &attached_);
  arguments[1] = attached_;
  count_ = 0;
  numbers_used_ = 0;
  scratch_used_ = 0;
  attached_ = nullptr;
  attached_count_ = 0;
  napi_value receiver;
  napi_get_undefined(env_, &receiver);
  napi_call_function(env_, receiver, handler_.Value(), 2, arguments, nullptr);
}

}  // namespace trtn
