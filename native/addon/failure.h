// SPDX-License-Identifier: Apache-2.0
// How native calls fail towards JavaScript: an Error with a numeric `status`, of which TypeScript makes a TrtError.
#ifndef TENSORRT_NODE_ADDON_FAILURE_H_
#define TENSORRT_NODE_ADDON_FAILURE_H_

#include <napi.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backend.h"

namespace trtn {

inline Napi::Error failure(Napi::Env env, backend_status status, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Value().Set("status", Napi::Number::New(env, status));
  return error;
}

// A backend_error with its storage. Build errors list every parser error: they may be long.
class ErrorText {
 public:
  explicit ErrorText(size_t capacity = 16384) : storage_(capacity, '\0') {
    error_.struct_size = sizeof error_;
    error_.message = storage_.data();
    error_.capacity = storage_.size();
  }
  backend_error* out() { return &error_; }
  std::string text() const {
    const std::string kept(storage_.data());
    return error_.length > kept.size() ? kept + " …" : kept;
  }

 private:
  std::vector<char> storage_;
  backend_error error_{};
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_FAILURE_H_
