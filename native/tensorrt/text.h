// SPDX-License-Identifier: Apache-2.0
#ifndef TENSORRT_NODE_TENSORRT_TEXT_H_
#define TENSORRT_NODE_TENSORRT_TEXT_H_

#include <string>
#include <vector>

namespace trt {

// The parts between separators, without the empty ones. Null: none.
inline std::vector<std::string> splitText(const char* text, char separator) {
  std::vector<std::string> parts(1);
  for (const char* at = text == nullptr ? "" : text; *at != '\0'; ++at) {
    if (*at != separator) {
      parts.back() += *at;
    } else if (!parts.back().empty()) {
      parts.emplace_back();
    }
  }
  if (parts.back().empty()) parts.pop_back();
  return parts;
}

inline std::string joinText(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_TEXT_H_
