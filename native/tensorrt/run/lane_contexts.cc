// SPDX-License-Identifier: Apache-2.0
// Contexts of a lane, and what they say of shapes.
#include <algorithm>
#include <array>

#include "error.h"
#include "lane.h"

namespace trt::run {
namespace {

using trtn::Error;

constexpr int32_t kNvtxNames = 0;                // kLAYER_NAMES_ONLY
constexpr int32_t kDetailedNvtx = 2;             // ProfilingVerbosity::kDETAILED
constexpr int32_t kNoNvtx = 1;                   // kNONE
alignas(kAlignment) char no_values[kAlignment];  // an address for tensors without elements

uint64_t next_layout() noexcept {
  static std::atomic<uint64_t> id{0};
  return ++id;
}

Dims dims_of(const backend_tensor& tensor) {
  Dims dims;
  dims.rank = tensor.rank;
  std::copy(tensor.dims, tensor.dims + tensor.rank, dims.d);
  return dims;
}

bool is_known(const Dims& dims) {
  return dims.rank >= 0 && std::all_of(dims.d, dims.d + dims.rank, [](int64_t d) { return d >= 0; });
}

}  // namespace

Lane::Bound& Lane::bound(int32_t profile) {
  Bound& entry = contexts_[static_cast<size_t>(profile)];
  if (entry.context == nullptr) {
    entry.context = make_context(profile);
    entry.dynamic.resize(model_.io().outputs().size());
  }
  return entry;
}

std::unique_ptr<Context> Lane::make_context(int32_t profile) {
  ContextOptions options;
  options.allocation = settings_.allocation;
  options.runtimeCache = model_.runtime_cache();
  if (model_.rtx()) {
    options.dynamicShapesSpecialization = settings_.dynamicShapes;
    if (settings_.cudaGraphGiven) options.cudaGraphStrategy = 0;  // we capture ourselves, or nobody does
  }
  log_.forgetErrors();
  const std::lock_guard<std::mutex> lock(model_.mutex());
  std::unique_ptr<Context> context = model_.engine().createContext(options);
  if (context == nullptr) {
    device_.fail_call(BACKEND_OUT_OF_MEMORY, log_.why("TensorRT could not create an execution context.") +
                                                 " Use fewer lanes, or free memory of the device.");
  }
  ++model_.contexts;
  Statistics::add(statistics_.contexts);
  const Stream stream = slots_.front()->stream.get();
  if (profile > 0 && !context->setProfile(profile, stream)) {
    device_.fail_call(BACKEND_DEVICE,
                      log_.why("TensorRT refused optimization profile " + std::to_string(profile) + "."));
  }
  call(cuda_.StreamSynchronize(stream), "cudaStreamSynchronize");
  // An engine tells no more than it was built to.
  if (!context->setNvtxVerbosity(settings_.nvtx ? kDetailedNvtx : kNoNvtx) && settings_.nvtx) {
    (void)context->setNvtxVerbosity(kNvtxNames);
  }
  return context;
}

std::shared_ptr<const Layout> Lane::resolve() {
  std::shared_ptr<const Layout> known = layouts_.find(request_.key());
  if (known != nullptr) return known;
  const int32_t profile = choose_profile(model_.io(), request_.asked(), request_.run().profile);
  Bound& entry = bound(profile);
  tell_shapes(entry);
  known = make_layout(profile, entry);
  layouts_.add(request_.key(), known);
  return known;
}

// The caller's values of shape tensors serve for now; bind() gives the slot's copy.
void Lane::tell_shapes(Bound& to) {
  log_.forgetErrors();
  to.layout = 0;
  const std::vector<Port>& ports = model_.io().inputs();
  for (size_t i = 0; i < ports.size(); ++i) {
    const char* name = ports[i].name.c_str();
    const backend_tensor& tensor = request_.input(i);
    bool taken = to.context->setInputShape(name, dims_of(tensor));
    if (taken && ports[i].on_host) {
      taken = to.context->setInputAddress(name, tensor.bytes == 0 ? no_values : tensor.data);
    }
    if (taken) continue;
    device_.fail_call(BACKEND_SHAPE, "TensorRT refused the shape " +
                                         shape_text(tensor.dims, static_cast<size_t>(tensor.rank)) + " of the input '" +
                                         ports[i].name + "': " + log_.why("it gave no reason."));
  }
  std::array<const char*, 8> missing{};
  const int32_t count = to.context->inferShapes(missing.data(), static_cast<int32_t>(missing.size()));
  if (count == 0) return;
  const std::string about = count > 0 && missing[0] != nullptr
                                ? std::string(" (the input '") + missing[0] + "' is short of a shape or values)"
                                : "";
  device_.fail_call(BACKEND_SHAPE,
                    "TensorRT finds no output shapes for these inputs" + about + ": " + log_.why("it gave no reason."));
}

std::shared_ptr<const Layout> Lane::make_layout(int32_t profile, Bound& from) {
  auto layout = std::make_shared<Layout>();
  layout->id = next_layout();
  layout->profile = profile;
  const std::vector<Port>& ports = model_.io().inputs();
  for (size_t i = 0; i < ports.size(); ++i) {
    Place place;
    place.dims = dims_of(request_.input(i));
    place.bytes = request_.input(i).bytes;
    place.on_host = ports[i].on_host;
    size_t& end = place.on_host ? layout->host_bytes : layout->input_bytes;
    place.offset = end;
    end += aligned(std::max<size_t>(place.bytes, 1));  // tensors without elements have an address of their own, too
    layout->any_on_host |= place.on_host;
    layout->inputs.push_back(place);
  }
  place_outputs(*layout, *from.context);
  return layout;
}

void Lane::place_outputs(Layout& layout, const Context& from) {
  const std::vector<Port>& ports = model_.io().outputs();
  for (size_t i = 0; i < ports.size(); ++i) {
    Place place;
    place.dims = from.tensorShape(ports[i].name.c_str());
    place.on_host = ports[i].on_host;
    place.dynamic = !place.on_host && !is_known(place.dims);
    if (place.dynamic) {
      layout.any_dynamic = true;
      layout.outputs.push_back(place);
      continue;
    }
    if (!is_known(place.dims) || !bytes_of(ports[i], place.dims.d, place.dims.rank, place.bytes)) {
      throw Error(BACKEND_SHAPE, "The output '" + ports[i].name + "' has the shape " + shape_text(place.dims) +
                                     ", which no memory can hold.");
    }
    size_t& end = place.on_host ? layout.host_bytes : layout.output_bytes;
    place.offset = end;
    end += aligned(std::max<size_t>(place.bytes, 1));
    layout.any_on_host |= place.on_host;
    layout.outputs.push_back(place);
  }
}

// Layouts are shared by lanes, contexts are not: each learns here which of its outputs ask for memory as they go.
void Lane::set_dynamic(Bound& to, size_t output, bool dynamic) {
  if ((to.dynamic[output] != nullptr) == dynamic) return;
  const std::string& name = model_.io().outputs()[output].name;
  auto allocator = dynamic ? std::make_unique<DynamicOutput>() : nullptr;
  if (!to.context->setOutputAllocator(name.c_str(), allocator.get())) {
    device_.fail_call(BACKEND_DEVICE, log_.why("TensorRT refused the memory of the output '" + name + "'."));
  }
  to.dynamic[output] = std::move(allocator);
}

// Shapes and addresses stay told from one run to the next.
void Lane::bind(Bound& to, const Slot& slot) {
  const Layout& layout = *slot.layout;
  const std::vector<Port>& inputs = model_.io().inputs();
  const std::vector<Port>& outputs = model_.io().outputs();
  const bool other_shapes = to.layout != layout.id;
  const bool other_memory = other_shapes || to.memory != slot.memory_stamp || layout.any_dynamic;
  if (!other_memory && !layout.any_on_host) return;
  to.layout = 0;  // half told, until all is
  bool taken = true;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const char* name = inputs[i].name.c_str();
    if (other_shapes) taken &= to.context->setInputShape(name, layout.inputs[i].dims);
    taken &= to.context->setInputAddress(name, slot.input_address(i));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    set_dynamic(to, i, layout.outputs[i].dynamic);
    if (layout.outputs[i].dynamic) {
      slot.dynamic[i]->dims.rank = -1;
      to.dynamic[i]->aim(*slot.dynamic[i]);
    }
    taken &= to.context->setTensorAddress(outputs[i].name.c_str(), slot.output_address(i));
  }
  if (!taken)
    device_.fail_call(BACKEND_DEVICE, log_.why("TensorRT refused a shape or an address that it took before."));
  if (other_shapes && settings_.allocation == Allocation::kUserManaged) own_scratch(to);
  to.layout = layout.id;
  to.memory = slot.memory_stamp;
}

// Memory for what the layers pass on to each other, as much as these shapes need. One for all contexts of the lane: they
// compute one after another.
void Lane::own_scratch(Bound& to) {
  const auto needed = static_cast<size_t>(to.context->updateDeviceMemorySizeForShapes());
  if (needed > scratch_bytes_) {
    drain();
    graphs_.clear();  // they hold the old address
    scratch_.reset();
    scratch_bytes_ = 0;
    void* memory = nullptr;
    device_.check(cuda_.Malloc(&memory, size_class(needed)), "cudaMalloc");
    scratch_ = DeviceMemory(cuda_, memory);
    scratch_bytes_ = size_class(needed);
    for (Bound& other : contexts_) other.layout = 0;
  }
  to.context->setDeviceMemory(scratch_.get(), static_cast<int64_t>(scratch_bytes_));
}

}  // namespace trt::run
