// SPDX-License-Identifier: Apache-2.0
// A JS record of strings as the (key, value) pairs of the contract.
#ifndef TENSORRT_NODE_ADDON_OPTION_RECORD_H_
#define TENSORRT_NODE_ADDON_OPTION_RECORD_H_

#include <napi.h>

#include <string>
#include <utility>
#include <vector>

#include "backend.h"

namespace trtn {

class Options {
 public:
  explicit Options(const Napi::Object& record) {
    const Napi::Array names = record.GetPropertyNames();
    for (uint32_t i = 0; i < names.Length(); ++i) {
      const Napi::Value name = names.Get(i);
      texts_.emplace_back(name.ToString().Utf8Value(), record.Get(name).ToString().Utf8Value());
    }
    for (const auto& [key, value] : texts_) pairs_.push_back({key.c_str(), value.c_str()});
  }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  const backend_option* data() const { return pairs_.data(); }
  size_t size() const { return pairs_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> texts_;  // complete before `pairs_` points into it
  std::vector<backend_option> pairs_;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_ADDON_OPTION_RECORD_H_
