// SPDX-License-Identifier: Apache-2.0
// Just enough of protobuf's wire format to walk a message without its schema.
#ifndef TENSORRT_NODE_COMMON_PROTOBUF_H_
#define TENSORRT_NODE_COMMON_PROTOBUF_H_

#include <cstddef>
#include <cstdint>

namespace trtn::protobuf {

struct Span {
  const uint8_t* at;
  const uint8_t* end;
  size_t bytes() const { return static_cast<size_t>(end - at); }
};

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  uint64_t number = 0;
  uint32_t wire_type = 0;
  uint64_t value = 0;  // of a varint
  Span content{};      // of bytes
  Span whole{};        // tag and length included
};

inline bool read_varint(Span& span, uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && span.at < span.end; shift += 7) {
    const uint8_t byte = *span.at++;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

// Takes the next field off `span`. False, and `span` unchanged: at the end, and where the bytes are not protobuf.
inline bool next_field(Span& span, Field& field) {
  Span rest = span;
  uint64_t tag = 0;
  if (!read_varint(rest, tag)) return false;
  field.number = tag >> 3;
  field.wire_type = static_cast<uint32_t>(tag & 7);
  uint64_t skip = 0;
  switch (field.wire_type) {
    case kVarint:
      if (!read_varint(rest, field.value)) return false;
      break;
    case kFixed64:
      skip = 8;
      break;
    case kBytes:
      if (!read_varint(rest, skip)) return false;
      break;
    case kFixed32:
      skip = 4;
      break;
    default:
      return false;
  }
  if (skip > rest.bytes()) return false;
  field.content = {rest.at, rest.at + skip};
  field.whole = {span.at, field.content.end};
  span.at = field.content.end;
  return true;
}

}  // namespace trtn::protobuf

#endif  // TENSORRT_NODE_COMMON_PROTOBUF_H_
