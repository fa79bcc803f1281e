// SPDX-License-Identifier: Apache-2.0
#include "external_data.h"

#include <climits>
#include <cstdint>
#include <cstdlib>

#include "error.h"
#include "protobuf.h"

namespace trtn {
namespace {

using protobuf::Field;
using protobuf::next_field;
using protobuf::Span;

// Messages of onnx.proto on the way to a tensor. Only these are entered: weights are skipped by their length.
enum class Message { kModel, kGraph, kNode, kFunction, kAttribute, kSparseTensor, kTensor, kOther };

struct Child {
  Message parent;
  uint64_t field;
  Message message;
};

// Field numbers of onnx.proto (stable by protobuf's rules).
constexpr Child kChildren[] = {
    {Message::kModel, 7, Message::kGraph},
    {Message::kModel, 25, Message::kFunction},
    {Message::kGraph, 1, Message::kNode},
    {Message::kGraph, 5, Message::kTensor},
    {Message::kGraph, 15, Message::kSparseTensor},
    {Message::kFunction, 7, Message::kNode},
    {Message::kFunction, 11, Message::kAttribute},
    {Message::kNode, 5, Message::kAttribute},
    {Message::kAttribute, 5, Message::kTensor},
    {Message::kAttribute, 6, Message::kGraph},
    {Message::kAttribute, 10, Message::kTensor},
    {Message::kAttribute, 11, Message::kGraph},
    {Message::kAttribute, 22, Message::kSparseTensor},
    {Message::kAttribute, 23, Message::kSparseTensor},
    {Message::kSparseTensor, 1, Message::kTensor},
    {Message::kSparseTensor, 2, Message::kTensor},
};
constexpr uint64_t kRawData = 9;  // of TensorProto, as the next two
constexpr uint64_t kExternalData = 13;
constexpr uint64_t kDataLocation = 14;  // 1: external
constexpr int kDeepest = 100;           // protobuf's own limit

Message child_of(Message parent, const Field& field) {
  if (field.wire_type != protobuf::kBytes) return Message::kOther;
  for (const Child& child : kChildren) {
    if (child.parent == parent && child.field == field.number) return child.message;
  }
  return Message::kOther;
}

// What a tensor says of where its bytes are.
struct Reference {
  bool external = false;
  std::string location;
  std::string offset;
  std::string length;
};

void read_entry(Span entry, Reference& reference) {
  std::string texts[3];  // [1]: key, [2]: value
  Field field;
  while (next_field(entry, field)) {
    const bool wanted = field.wire_type == protobuf::kBytes && (field.number == 1 || field.number == 2);
    if (wanted) texts[field.number].assign(field.content.at, field.content.end);
  }
  if (texts[1] == "location") reference.location = texts[2];
  if (texts[1] == "offset") reference.offset = texts[2];
  if (texts[1] == "length") reference.length = texts[2];
}

Reference read_reference(Span tensor) {
  Reference reference;
  Field field;
  while (next_field(tensor, field)) {
    if (field.number == kExternalData && field.wire_type == protobuf::kBytes) read_entry(field.content, reference);
    if (field.number == kDataLocation && field.wire_type == protobuf::kVarint) reference.external = field.value == 1;
  }
  return reference;
}

void collect(Span span, Message message, int depth, std::set<std::string>& locations) {
  if (message == Message::kTensor) {
    const Reference reference = read_reference(span);
    if (reference.external) locations.insert(reference.location);
    return;
  }
  Field field;
  while (depth < kDeepest && next_field(span, field)) {
    const Message child = child_of(message, field);
    if (child != Message::kOther) collect(field.content, child, depth + 1, locations);
  }
}

uint64_t number_of(const std::string& text, uint64_t otherwise) {
  return text.empty() ? otherwise : std::strtoull(text.c_str(), nullptr, 10);
}

// Writes the model anew. A message comes after its length, hence each is measured before it is written; measuring reads
// no weights.
class Inliner {
 public:
  explicit Inliner(const ExternalFiles& files) : files_(files) {}

  uint64_t size(Span span, Message message, int depth) const {
    Measure measure;
    visit(span, message, depth, measure);
    return measure.bytes;
  }
  void write(Span span, Message message, int depth, std::vector<char>& out) const {
    Append append{out};
    visit(span, message, depth, append);
  }

 private:
  struct Measure {
    uint64_t bytes = 0;
    void raw(Span span) { bytes += span.bytes(); }
    void number(uint64_t value) {
      do ++bytes;
      while ((value >>= 7) != 0);
    }
    void child(const Inliner&, Span, Message, int, uint64_t size) { bytes += size; }
  };
  struct Append {
    std::vector<char>& out;
    void raw(Span span) { out.insert(out.end(), span.at, span.end); }
    void number(uint64_t value) {
      for (; value > 0x7f; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
      out.push_back(static_cast<char>(value));
    }
    void child(const Inliner& self, Span span, Message message, int depth, uint64_t) {
      self.write(span, message, depth, out);
    }
  };

  template <typename Sink>
  void visit(Span span, Message message, int depth, Sink& sink) const {
    const Reference reference = message == Message::kTensor ? read_reference(span) : Reference{};
    Field field;
    while (depth < kDeepest && next_field(span, field)) {
      const bool replaced = field.number == kRawData || field.number == kExternalData || field.number == kDataLocation;
      if (reference.external && replaced) continue;
      const Message child = child_of(message, field);
      if (child == Message::kOther) {
        sink.raw(field.whole);
        continue;
      }
      const uint64_t bytes = size(field.content, child, depth + 1);
      sink.number(field.number << 3 | protobuf::kBytes);
      sink.number(bytes);
      sink.child(*this, field.content, child, depth + 1, bytes);
    }
    sink.raw(span);  // what is no protobuf stays, for ONNX Runtime to judge
    if (!reference.external) return;
    const Span weights = find(reference);
    sink.number(kRawData << 3 | protobuf::kBytes);
    sink.number(weights.bytes());
    sink.raw(weights);
  }

  Span find(const Reference& reference) const {
    const auto file = files_.find(reference.location);
    if (file == files_.end()) throw Error(BACKEND_INTERNAL, "No bytes for '" + reference.location + "' were found.");
    const uint64_t bytes = file->second.bytes;
    const uint64_t offset = number_of(reference.offset, 0);
    const uint64_t length = number_of(reference.length, offset < bytes ? bytes - offset : 0);
    if (offset > bytes || length > bytes - offset) {
      throw Error(BACKEND_MODEL, "The model takes " + std::to_string(length) + " bytes at " + std::to_string(offset) +
                                     " from '" + reference.location + "', but that file has " + std::to_string(bytes) +
                                     " bytes.");
    }
    const auto* begin = static_cast<const uint8_t*>(file->second.data) + offset;
    return {begin, begin + length};
  }

  const ExternalFiles& files_;
};

Span span_of(const void* model, size_t bytes) {
  const auto* begin = static_cast<const uint8_t*>(model);
  return {begin, begin + bytes};
}

}  // namespace

std::set<std::string> external_locations(const void* model, size_t bytes) {
  std::set<std::string> locations;
  if (bytes > 0) collect(span_of(model, bytes), Message::kModel, 0, locations);
  return locations;
}

bool is_inside(const std::string& location) {
  if (location.empty() || location[0] == '/') return false;
  const std::string framed = "/" + location + "/";
  return framed.find("/../") == std::string::npos && location.find('\0') == std::string::npos;
}

std::vector<char> inline_external_data(const void* model, size_t bytes, const ExternalFiles& files) {
  const Inliner inliner(files);
  const Span whole = span_of(model, bytes);
  const uint64_t total = inliner.size(whole, Message::kModel, 0);
  if (total > INT_MAX) {
    throw Error(BACKEND_UNSUPPORTED, "The model and its external data have " + std::to_string(total) +
                                         " bytes together, but an engine of the CPU backend holds less than 2 GiB.");
  }
  std::vector<char> result;
  result.reserve(static_cast<size_t>(total));
  inliner.write(whole, Message::kModel, 0, result);
  return result;
}

}  // namespace trtn
