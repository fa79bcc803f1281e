// SPDX-License-Identifier: Apache-2.0
// One engine build: the JS request as plain data, and the payload on its way back.
#ifndef TENSORRT_NODE_ADDON_BUILD_TASK_H_
#define TENSORRT_NODE_ADDON_BUILD_TASK_H_

#include <napi.h>

#include <deque>
#include <string>
#include <vector>

#include "backend.h"
#include "option_record.h"
#include "task.h"

namespace trtn {

// Bytes that grow with malloc, so that JavaScript can adopt them without a copy.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ~ByteBuffer();
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  bool append(const void* data, size_t bytes) noexcept;
  Napi::Value adopt(Napi::Env env);

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

class BuildTask : public Task {
 public:
  // JS thread. The request object itself is kept until the task has settled: its buffers are read by the build.
  BuildTask(const backend_api* api, const Napi::Object& request);

 private:
  struct Range {
    std::string input;
    bool is_values;
    std::vector<int64_t> min, opt, max;
  };

  void read_model(const Napi::Object& request);
  void read_profiles(const Napi::Array& profiles);
  backend_status run(backend_error* error) override;
  Napi::Value result(Napi::Env env) override;

  const backend_api* const api_;
  const Options options_;
  const void* model_ = nullptr;
  size_t model_bytes_ = 0;
  std::string model_path_;
  bool has_path_ = false;
  std::deque<std::string> locations_;  // a deque: pointers into it stay good
  std::vector<backend_external> externals_;
  std::deque<Range> ranges_;
  std::deque<std::vector<backend_profile_range>> range_lists_;
  std::vector<backend_profile> profiles_;
  ByteBuffer payload_;
  bool payload_complete_ = true;
  std::string facts_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_BUILD_TASK_H_
