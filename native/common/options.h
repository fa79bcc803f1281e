// SPDX-License-Identifier: Apache-2.0
// Reads the (key, value) options of a backend call. TypeScript has validated them already; a backend still refuses what
// it does not know, because it may be newer or older than the caller.
#ifndef TENSORRT_NODE_COMMON_OPTIONS_H_
#define TENSORRT_NODE_COMMON_OPTIONS_H_

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "backend.h"
#include "error.h"

namespace trtn {

class OptionReader {
 public:
  OptionReader(const backend_option* options, size_t count)
      : options_(options), count_(options == nullptr ? 0 : count), used_(count_, false) {}

  // Null: not given. The last of several wins.
  const char* find(std::string_view key) {
    const char* value = nullptr;
    for (size_t i = 0; i < count_; ++i) {
      if (options_[i].key == nullptr || key != options_[i].key) continue;
      used_[i] = true;
      value = options_[i].value;
    }
    return value;
  }

  int64_t integer(std::string_view key, int64_t otherwise, int64_t min, int64_t max) {
    const char* text = find(key);
    if (text == nullptr) return otherwise;
    char* end = nullptr;
    const int64_t value = std::strtoll(text, &end, 10);
    const bool whole = end != text && *end == '\0';
    if (!whole || value < min || value > max) {
      refuse(key, text, "an integer from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return value;
  }

  bool flag(std::string_view key, bool otherwise) { return integer(key, otherwise ? 1 : 0, 0, 1) == 1; }

  [[noreturn]] static void refuse(std::string_view key, std::string_view value, const std::string& expected) {
    throw Error(BACKEND_INVALID_ARGUMENT, "Expected " + expected + " for the option '" + std::string(key) +
                                              "' but received '" + std::string(value) + "'.");
  }

  // Call last: a key that nobody asked for is a mistake, not something to ignore.
  void refuse_unknown() const {
    for (size_t i = 0; i < count_; ++i) {
      if (used_[i]) continue;
      const std::string key = options_[i].key == nullptr ? "" : options_[i].key;
      throw Error(BACKEND_INVALID_ARGUMENT, "This backend has no option '" + key + "'.");
    }
  }

 private:
  const backend_option* options_;
  size_t count_;
  std::vector<bool> used_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_OPTIONS_H_
