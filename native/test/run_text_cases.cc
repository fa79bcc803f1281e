// SPDX-License-Identifier: Apache-2.0
#include "run_cases.h"
#include "tensorrt/run/json_reader.h"
#include "tensorrt/run/settings.h"

namespace run_test {
namespace {

using trt::run::JsonValue;
using trt::run::read_json;
using trt::run::weight_streaming_bytes;

void json_is_read_as_it_is_written() {
  const JsonValue value = read_json(R"({"a":[1,-2.5e2,true,null],"b":{"c":"x\n\u00e9\ud83d\ude00\""}} )");
  CHECK(value.find("a")->items.size() == 4);
  CHECK(value.find("a")->items[1].number == -250 && value.find("a")->items[2].boolean);
  CHECK(value.find("b")->find("c")->text == "x\n\xc3\xa9\xf0\x9f\x98\x80\"");
  CHECK(value.find("d") == nullptr);
  CHECK(!read_json("[false]").items[0].boolean);
  CHECK(read_json(nullptr).kind == JsonValue::Kind::kObject);
}

void what_is_not_json_is_refused() {
  for (const char* text :
       {"{", "[1,]", "{\"a\"}", "\"", "\"\\", "\"\\u12", "nul", "1 2", "{\"a\":1,}", "-", "\"\\x\""}) {
    refuses(BACKEND_INVALID_ARGUMENT, [&] { read_json(text); }, "JSON");
  }
  const std::string deep(1000, '[');
  refuses(BACKEND_INVALID_ARGUMENT, [&] { read_json(deep.c_str()); }, "JSON");
}

void weight_budgets() {
  CHECK(weight_streaming_bytes("auto", 1000, 300) == 300);
  CHECK(weight_streaming_bytes("off", 1000, 300) == 1000);
  CHECK(weight_streaming_bytes("40%", 1000, 300) == 400);
  CHECK(weight_streaming_bytes("123", 1000, 300) == 123);
  for (const char* text : {"", "x", "-1", "101%", "1e30", "nan"}) {
    refuses(BACKEND_INVALID_ARGUMENT, [&] { weight_streaming_bytes(text, 1000, 300); }, "weightStreamingBudget");
  }
}

void session_options() {
  const backend_option options[] = {{"cudaGraph", "0"}, {"slots", "2"}, {"allocationStrategy", "runtime"}};
  trtn::OptionReader reader(options, 3);
  const trt::run::SessionSettings settings = trt::run::read_session_settings(reader);
  reader.refuse_unknown();
  CHECK(!settings.cudaGraph && settings.slots == 2 && settings.allocation == trt::Allocation::kUserManaged);
  const backend_option wrong[] = {{"allocationStrategy", "never"}};
  trtn::OptionReader second(wrong, 1);
  refuses(BACKEND_INVALID_ARGUMENT, [&] { trt::run::read_session_settings(second); }, "'static'", "'never'");
}

}  // namespace

void text_cases() {
  json_is_read_as_it_is_written();
  what_is_not_json_is_refused();
  weight_budgets();
  session_options();
}

}  // namespace run_test
