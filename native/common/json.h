// SPDX-License-Identifier: Apache-2.0
// Writes small JSON texts (facts, probe reports): commas and escapes are its business, nesting is the caller's.
#ifndef TENSORRT_NODE_COMMON_JSON_H_
#define TENSORRT_NODE_COMMON_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace trtn {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name) {
    text(name);
    text_ += ':';
    first_ = true;  // no comma between a key and its value
    return *this;
  }
  JsonWriter& text(std::string_view value) {
    separate();
    text_ += '"';
    for (const char c : value) escape(c);
    text_ += '"';
    return *this;
  }
  JsonWriter& number(int64_t value) { return raw(std::to_string(value)); }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  JsonWriter& text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }
  // A value that is JSON already.
  JsonWriter& raw(std::string_view json) {
    separate();
    text_ += json;
    return *this;
  }

  const std::string& str() const { return text_; }

 private:
  JsonWriter& open(char bracket) {
    separate();
    text_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }
  void separate() {
    if (!first_) text_ += ',';
    first_ = false;
  }
  void escape(char c) {
    static constexpr char kHex[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      text_ += "\\u00";
      text_ += kHex[(c >> 4) & 0xf];
      text_ += kHex[c & 0xf];
    } else {
      text_ += c;
    }
  }

  std::string text_;
  bool first_ = true;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_JSON_H_
