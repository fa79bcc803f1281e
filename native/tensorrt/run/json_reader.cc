// SPDX-License-Identifier: Apache-2.0
#include "json_reader.h"

#include <cstdlib>
#include <cstring>

#include "error.h"

namespace trt::run {
namespace {

constexpr int kDeepest = 32;

class Reader {
 public:
  explicit Reader(const char* text) : at_(text) {}

  JsonValue document() {
    JsonValue value = read(0);
    skip();
    if (*at_ != '\0') refuse();
    return value;
  }

 private:
  [[noreturn]] static void refuse() {
    throw trtn::Error(BACKEND_INVALID_ARGUMENT, "The arguments of the control are not JSON.");
  }
  void skip() {
    while (*at_ != '\0' && std::strchr(" \t\r\n", *at_) != nullptr) ++at_;
  }
  bool take(char wanted) {
    skip();
    if (*at_ != wanted) return false;
    ++at_;
    return true;
  }
  void need(char wanted) {
    if (!take(wanted)) refuse();
  }
  bool word(const char* wanted) {
    const size_t length = std::strlen(wanted);
    if (std::strncmp(at_, wanted, length) != 0) return false;
    at_ += length;
    return true;
  }

  JsonValue read(int depth) {
    if (depth > kDeepest) refuse();
    JsonValue value;
    if (take('{')) {
      read_object(value, depth);
    } else if (take('[')) {
      value.kind = JsonValue::Kind::kArray;
      if (take(']')) return value;
      do value.items.push_back(read(depth + 1));
      while (take(','));
      need(']');
    } else if (*at_ == '"') {
      value.kind = JsonValue::Kind::kText;
      value.text = read_text();
    } else if (word("null")) {
      value.kind = JsonValue::Kind::kNull;
    } else if (word("true") || word("false")) {
      value.kind = JsonValue::Kind::kBoolean;
      value.boolean = at_[-2] == 'u';  // tr-u-e
    } else {
      read_number(value);
    }
    return value;
  }

  void read_object(JsonValue& value, int depth) {
    value.kind = JsonValue::Kind::kObject;
    if (take('}')) return;
    do {
      skip();
      if (*at_ != '"') refuse();
      std::string key = read_text();
      need(':');
      value.members.emplace_back(std::move(key), read(depth + 1));
    } while (take(','));
    need('}');
  }

  void read_number(JsonValue& value) {
    char* end = nullptr;
    value.kind = JsonValue::Kind::kNumber;
    value.number = std::strtod(at_, &end);
    if (end == at_ || std::strchr("-0123456789", *at_) == nullptr) refuse();
    at_ = end;
  }

  std::string read_text() {
    std::string text;
    for (++at_; *at_ != '"'; ++at_) {
      if (*at_ == '\0') refuse();
      if (*at_ == '\\') {
        ++at_;
        read_escape(text);
      } else {
        text += *at_;
      }
    }
    ++at_;
    return text;
  }

  void read_escape(std::string& text) {
    static constexpr char kNames[] = "\"\\/bfnrt";
    static constexpr char kMeanings[] = "\"\\/\b\f\n\r\t";
    if (*at_ == 'u') return append_unit(text);
    const char* const name = *at_ == '\0' ? nullptr : std::strchr(kNames, *at_);
    if (name == nullptr) refuse();
    text += kMeanings[name - kNames];
  }

  unsigned unit() {
    char digits[5] = {};
    for (int i = 0; i < 4; ++i) {
      if (at_[1 + i] == '\0') refuse();
      digits[i] = at_[1 + i];
    }
    char* end = nullptr;
    const unsigned value = static_cast<unsigned>(std::strtoul(digits, &end, 16));
    if (end != digits + 4) refuse();
    at_ += 4;
    return value;
  }

  void append_unit(std::string& text) {
    unsigned point = unit();
    if (point >= 0xd800 && point < 0xdc00 && at_[1] == '\\' && at_[2] == 'u') {
      at_ += 2;
      point = 0x10000 + ((point - 0xd800) << 10) + (unit() - 0xdc00);
    }
    const auto put = [&](unsigned byte) { text += static_cast<char>(byte); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
      put(0xc0 | (point >> 6));
    } else if (point < 0x10000) {
      put(0xe0 | (point >> 12));
      put(0x80 | ((point >> 6) & 0x3f));
    } else {
      put(0xf0 | (point >> 18));
      put(0x80 | ((point >> 12) & 0x3f));
      put(0x80 | ((point >> 6) & 0x3f));
    }
    put(0x80 | (point & 0x3f));
  }

  const char* at_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  for (const auto& member : members) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

JsonValue read_json(const char* text) {
  if (text != nullptr && *text != '\0') return Reader(text).document();
  JsonValue empty;
  empty.kind = JsonValue::Kind::kObject;
  return empty;
}

}  // namespace trt::run
