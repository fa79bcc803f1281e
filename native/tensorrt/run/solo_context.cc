// SPDX-License-Identifier: Apache-2.0
#include "solo_context.h"

#include <algorithm>

#include "error.h"
#include "layout.h"

namespace trt::run {
namespace {

using trtn::Error;

// Of the arguments, or what the profile is optimised for.
Dims wanted_dims(const Port& port, const JsonValue* shapes, size_t profile) {
  Dims dims = port.dims;
  const Range* const range = profile < port.ranges.size() ? &port.ranges[profile] : nullptr;
  for (int32_t i = 0; range != nullptr && !port.is_shape && i < dims.rank; ++i)
    dims.d[i] = range->opt[static_cast<size_t>(i)];
  const JsonValue* given = shapes == nullptr ? nullptr : shapes->find(port.name);
  if (given == nullptr) return dims;
  if (given->items.size() != static_cast<size_t>(std::max(dims.rank, 0))) {
    throw Error(BACKEND_SHAPE, "The input '" + port.name + "' takes the shape " + shape_text(port.dims) + ".");
  }
  for (size_t i = 0; i < given->items.size(); ++i) dims.d[i] = static_cast<int64_t>(given->items[i].number);
  return dims;
}

}  // namespace

int integer_argument(const JsonValue& arguments, const char* key, int otherwise, int least, int most) {
  const JsonValue* value = arguments.find(key);
  if (value == nullptr) return otherwise;
  if (value->kind == JsonValue::Kind::kNumber && value->number >= least && value->number <= most) {
    return static_cast<int>(value->number);
  }
  throw Error(BACKEND_INVALID_ARGUMENT,
              "Expected " + std::to_string(least) + " to " + std::to_string(most) + " for '" + key + "'.");
}

SoloContext::SoloContext(Model& model, int32_t profile, const JsonValue* shapes)
    : model_(model), device_(model.device()) {
  stream_ = make_stream(device_.cuda());
  ContextOptions options;
  options.runtimeCache = model.runtime_cache();
  context_ = model.engine().createContext(options);
  if (context_ == nullptr) device_.fail_call(BACKEND_OUT_OF_MEMORY, "TensorRT could not create an execution context.");
  if (profile > 0 && !context_->setProfile(profile, stream_.get())) refuse("the profile");
  set_shapes(shapes, static_cast<size_t>(profile));
}

void SoloContext::set_shapes(const JsonValue* shapes, size_t profile) {
  for (const Port& port : model_.io().inputs()) {
    const Dims dims = wanted_dims(port, shapes, profile);
    if (!context_->setInputShape(port.name.c_str(), dims)) refuse("the shape of '" + port.name + "'");
    if (!port.on_host) continue;
    values_.push_back(profile < port.ranges.size() ? port.ranges[profile].opt : std::vector<int64_t>());
    narrow_.emplace_back(values_.back().begin(), values_.back().end());
    const void* data = port.type == BACKEND_INT64 ? static_cast<void*>(values_.back().data()) : narrow_.back().data();
    if (!context_->setInputAddress(port.name.c_str(), data)) refuse("the values of '" + port.name + "'");
  }
  if (context_->inferShapes(nullptr, 0) != 0) refuse("these shapes");
}

SoloContext::Buffers SoloContext::make_buffers() {
  Buffers made;
  for (const Port& port : model_.io().inputs()) {
    if (!port.on_host) add(port, context_->tensorShape(port.name.c_str()), made, made.inputs);
  }
  for (const Port& port : model_.io().outputs()) {
    const Dims dims = context_->tensorShape(port.name.c_str());
    const bool known = dims.rank >= 0 && std::all_of(dims.d, dims.d + dims.rank, [](int64_t d) { return d >= 0; });
    if (!known) {
      throw Error(BACKEND_UNSUPPORTED, "An engine cannot be measured by itself where the shape of an output ('" +
                                           port.name + "') depends on data.");
    }
    add(port, dims, made, made.outputs);
  }
  device_.check(device_.cuda().StreamSynchronize(stream_.get()), "cudaStreamSynchronize");
  return made;
}

void SoloContext::add(const Port& port, const Dims& dims, Buffers& to, std::vector<Buffer>& list) {
  size_t bytes = 0;
  if (!bytes_of(port, dims.d, dims.rank, bytes)) throw Error(BACKEND_SHAPE, "'" + port.name + "' is too large.");
  const size_t room = std::max(bytes, kAlignment);
  if (port.on_host) {
    to.host.emplace_back(room);
    list.push_back({&port, to.host.back().data(), bytes});
    return;
  }
  to.owned.push_back(make_device_memory(device_.cuda(), room));
  list.push_back({&port, to.owned.back().get(), bytes});
  device_.check(device_.cuda().MemsetAsync(list.back().device, 0, room, stream_.get()), "cudaMemsetAsync");
}

void SoloContext::use(const Buffers& buffers) {
  for (const auto* list : {&buffers.inputs, &buffers.outputs}) {
    for (const Buffer& each : *list) {
      if (!context_->setTensorAddress(each.port->name.c_str(), each.device))
        refuse("the address of '" + each.port->name + "'");
    }
  }
}

void SoloContext::refuse(const std::string& what) {
  device_.fail_call(BACKEND_DEVICE, "TensorRT refused " + what + ".");
}

}  // namespace trt::run
