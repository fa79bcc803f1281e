// SPDX-License-Identifier: Apache-2.0
// Memory shared with JavaScript, in place of arguments: a run is told of, and reported, as numbers in arrays that both
// sides hold. Reports are gathered, so that one call into JavaScript settles all that has finished. JS thread only.
// NativeChannel in lib/backend/native.ts has the layouts.
#ifndef TENSORRT_NODE_ADDON_CHANNEL_H_
#define TENSORRT_NODE_ADDON_CHANNEL_H_

#include <napi.h>

#include <cstddef>

namespace trtn {

class Channel {
 public:
  // Room for one report: its numbers, and small outputs that begin `offset` bytes into the scratch memory.
  struct Report {
    double* numbers;
    char* scratch;
    size_t offset;
  };

  explicit Channel(napi_env env) : env_(env) {}
  napi_env env() const { return env_; }

  // `memory`: NativeChannel. The arrays given before are not used any more.
  void open(const Napi::Object& memory, const Napi::Function& handler);

  const double* request() const { return request_.data; }
  const double* request_end() const { return request_.data + request_.length; }

  // Makes room for the next report, by flush() if need be. False: more than the channel could ever hold.
  bool make_room(size_t numbers, size_t scratch_bytes);
  // What numbers cannot tell of the next report: a buffer or a text. Its position among those of the batch.
  size_t attach(napi_value value);
  // Begins the next report, for which there must be room.
  Report begin_report(size_t numbers, size_t scratch_bytes);
  // Hands over every report begun so far. What JavaScript throws is fatal, as in any callback.
  void flush();

 private:
  template <typename T>
  struct Memory {
    T* data = nullptr;
    size_t length = 0;
    Napi::ObjectReference owner;
  };
  template <typename T>
  static void hold(const Napi::Value& array, Memory<T>& memory);

  const napi_env env_;
  Napi::FunctionReference handler_;
  Memory<double> request_;
  Memory<double> report_;
  Memory<char> scratch_;
  size_t count_ = 0;
  size_t numbers_used_ = 0;
  size_t scratch_used_ = 0;
  napi_value attached_ = nullptr;  // an array in the drain's handle scope; null: nothing attached yet
  uint32_t attached_count_ = 0;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_CHANNEL_H_
