// SPDX-License-Identifier: Apache-2.0
// Reads the small JSON texts that controls take: what JSON.stringify writes, nothing more forgiving.
#ifndef TENSORRT_NODE_RUN_JSON_READER_H_
#define TENSORRT_NODE_RUN_JSON_READER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trt::run {

struct JsonValue {
  enum class Kind { kNull, kBoolean, kNumber, kText, kArray, kObject } kind = Kind::kNull;
  bool boolean = false;
  double number = 0;
  std::string text;
  std::vector<JsonValue> items;                            // of an array
  std::vector<std::pair<std::string, JsonValue>> members;  // of an object

  // Null: not there.
  const JsonValue* find(std::string_view key) const;
};

// Null or empty text: an empty object. @throws trtn::Error(BACKEND_INVALID_ARGUMENT)
JsonValue read_json(const char* text);

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_JSON_READER_H_
