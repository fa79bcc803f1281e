// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/model.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <system_error>

#include "external_data.h"
#include "protobuf.h"
#include "tensorrt/unusable.h"

namespace trt {
namespace {

using trtn::protobuf::Field;
using trtn::protobuf::next_field;
using trtn::protobuf::Span;

// Field numbers of onnx.proto (stable by protobuf's rules).
constexpr uint64_t kGraphField = 7;          // of ModelProto
constexpr uint64_t kNode = 1;                // of GraphProto, as the next three
constexpr uint64_t kInitializer = 5;         // named by field 8
constexpr uint64_t kGraphInput = 11;         // named by field 1
constexpr uint64_t kSparseInitializer = 15;  // its values (field 1) are a tensor
constexpr uint64_t kTensorName = 8;
constexpr uint64_t kNodeInput = 1;
constexpr uint64_t kNodeOutput = 2;

template <typename Visit>
void eachField(Span message, Visit&& visit) {
  Field field;
  while (next_field(message, field)) {
    if (field.wire_type == trtn::protobuf::kBytes) visit(field);
  }
}

void takeNames(Span message, uint64_t number, std::set<std::string>& names) {
  eachField(message, [&](const Field& field) {
    if (field.number == number) names.emplace(reinterpret_cast<const char*>(field.content.at), field.content.bytes());
  });
}

struct GraphNames {
  std::set<std::string> made;
  std::set<std::string> read;
};

void takeGraph(Span graph, GraphNames& names) {
  eachField(graph, [&](const Field& field) {
    if (field.number == kNode) {
      takeNames(field.content, kNodeInput, names.read);
      takeNames(field.content, kNodeOutput, names.made);
    } else if (field.number == kInitializer) {
      takeNames(field.content, kTensorName, names.made);
    } else if (field.number == kGraphInput) {
      takeNames(field.content, 1, names.made);
    } else if (field.number == kSparseInitializer) {
      eachField(field.content, [&](const Field& part) {
        if (part.number == 1) takeNames(part.content, kTensorName, names.made);
      });
    }
  });
}

void requireReadable(const std::string& file, const std::string& location) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    throw Error(BACKEND_MODEL, "The model takes weights from the file '" + location + "', which cannot be read at " +
                                   file + ": " + std::generic_category().message(errno) + ".");
  }
  close(fd);
}

void requireInside(const std::string& location) {
  if (trtn::is_inside(location)) return;
  throw Error(BACKEND_MODEL, "The model takes weights from '" + location +
                                 "', which is outside of its own folder. Only files beside or below the model are "
                                 "read.");
}

void requirePath(const char* path, const std::string& location) {
  if (path != nullptr) return;
  throw Error(BACKEND_INVALID_ARGUMENT, "The model takes weights from the file '" + location +
                                            "', which was not given. Build from the path of the model, or give that "
                                            "file too.");
}

}  // namespace

void checkOnnx(const void* data, size_t bytes) {
  if (bytes == 0) throw Error(BACKEND_MODEL, "The model is empty: 0 bytes.");
  const auto* begin = static_cast<const uint8_t*>(data);
  Span rest{begin, begin + bytes};
  Field field;
  bool graph = false;
  while (next_field(rest, field)) {
    graph = graph || (field.number == kGraphField && field.wire_type == trtn::protobuf::kBytes);
  }
  if (rest.at != rest.end) {
    throw Error(BACKEND_MODEL,
                "This is not an ONNX model, or it is damaged or cut short: it stops making sense at byte " +
                    std::to_string(rest.at - begin) + " of " + std::to_string(bytes) + ".");
  }
  if (!graph) throw Error(BACKEND_MODEL, "This is not an ONNX model: it has no graph.");
}

std::vector<std::string> danglingTensors(const void* data, size_t bytes) {
  const auto* begin = static_cast<const uint8_t*>(data);
  GraphNames names;
  eachField({begin, begin + bytes}, [&](const Field& field) {
    if (field.number == kGraphField) takeGraph(field.content, names);
  });
  std::vector<std::string> dangling;
  for (const std::string& name : names.read) {
    if (!name.empty() && names.made.count(name) == 0) dangling.push_back(name);  // "": an optional input left out
  }
  return dangling;
}

Model::Model(const backend_build_request& request, trtn::Progress& progress)
    : data_(request.model), bytes_(request.model_bytes), path_(request.model_path) {
  if (request.model == nullptr && request.model_path == nullptr) {
    throw Error(BACKEND_INVALID_ARGUMENT, "Expected the bytes or the path of an ONNX model, but received neither.");
  }
  if (request.model == nullptr) {
    own_ = trtn::read_file(request.model_path, progress);
    data_ = own_.data();
    bytes_ = own_.size();
  }
  checkOnnx(data_, bytes_);
  const std::set<std::string> locations = trtn::external_locations(data_, bytes_);
  for (const std::string& location : locations) requireInside(location);
  if (locations.empty()) return;
  if (request.external_count > 0) {
    takeIn(request, locations, progress);
    return;
  }
  for (const std::string& location : locations) {
    requirePath(path_, location);
    requireReadable(trtn::folder_of(path_) + location, location);
  }
}

void Model::takeIn(const backend_build_request& request, const std::set<std::string>& locations,
                   trtn::Progress& progress) {
  trtn::ExternalFiles files;
  std::deque<trtn::Bytes> read;  // a deque: `files` points into it
  for (size_t i = 0; i < request.external_count; ++i) {
    files[request.externals[i].location] = {request.externals[i].data, request.externals[i].bytes};
  }
  for (const std::string& location : locations) {
    if (files.count(location) > 0) continue;
    requirePath(path_, location);
    read.push_back(trtn::read_file(trtn::folder_of(path_) + location, progress));
    files[location] = {read.back().data(), read.back().size()};
  }
  own_ = trtn::inline_external_data(data_, bytes_, files);
  data_ = own_.data();
  bytes_ = own_.size();
}

}  // namespace trt
