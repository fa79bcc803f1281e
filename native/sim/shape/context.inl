// SPDX-License-Identifier: Apache-2.0
// The execution context: settings and what it answers. Shapes: infer.inl. Running: enqueue.inl.
#include <algorithm>

#include "context.h"

namespace TRT_NS {

ContextImpl::ContextImpl(const ICudaEngine& engine, LoadedPtr loaded, const ContextSettings& settings)
    : engine_(engine), loaded_(std::move(loaded)), settings_(settings) {
  const size_t count = model().tensors.size();
  given_.resize(count);
  has_.assign(count, false);
  addresses_.assign(count, nullptr);
  program_->plan = loaded_->shared;
  program_->device = loaded_->device;
  program_->scratch.resize(count);
  program_->inputs.resize(count);
  ++loaded_->contexts;
  for (const int index : model().inputs) {
    if (sim::volume(tensor(index).dims) < 0 || tensor(index).shapeTensor) continue;
    given_[static_cast<size_t>(index)] = tensor(index).dims;
    has_[static_cast<size_t>(index)] = true;
  }
  for (const sim::Tensor& one : model().tensors) dataDependent_ = dataDependent_ || one.dataDependent;
  if (settings.strategy != ExecutionContextAllocationStrategy::kUSER_MANAGED) {
    (void)sim::bridge().allocate(&memory_, static_cast<size_t>(loaded_->plan.fact("activation")));
  }
}

ContextImpl::~ContextImpl() {
  program_->alive = false;  // what is still queued will say that its context is gone
  if (program_->running > 0) {
    sim::bridge().violation("contextInFlight", "an execution context was destroyed while it was running");
  }
  sim::bridge().release(memory_);
  --loaded_->contexts;
}

bool ContextImpl::isInput(int index) const {
  return std::find(model().inputs.begin(), model().inputs.end(), index) != model().inputs.end();
}

int ContextImpl::known(const char* name, const char* caller) const {
  for (const auto* const list : {&model().inputs, &model().outputs}) {
    for (const int index : *list) {
      if (tensor(index).name == name) return index;
    }
  }
  complain(std::string("IExecutionContext::") + caller +
           ": Error Code 3: API Usage Error (Given invalid tensor name: " + name +
           ". Get valid tensor names with getIOTensorName())");
  return -1;
}

bool ContextImpl::setOptimizationProfileAsync(int32_t index, cudaStream_t /*stream*/) noexcept {
  if (SIM_TRT("IExecutionContext::setOptimizationProfileAsync") != 0) return false;
  if (index < 0 || index >= engine_->getNbOptimizationProfiles()) {
    complain(
        "IExecutionContext::setOptimizationProfileAsync: Error Code 3: API Usage Error (Parameter check failed, "
        "condition: "
        "profileIndex >= 0 && profileIndex < mEngine.getNbOptimizationProfiles(). )");
    return false;
  }
  if (index != profile_) {
    for (const int input : model().inputs) {
      if (sim::volume(tensor(input).dims) < 0) has_[static_cast<size_t>(input)] = false;
    }
    shapes_ = nullptr;
  }
  profile_ = index;
  return true;
}

bool ContextImpl::fits(int index, const sim::Shape& shape, const char* caller) const {
  const sim::Tensor& input = tensor(index);
  const std::string where =
      std::string("IExecutionContext::") + caller + ": Error Code 3: API Usage Error (Parameter check failed, ";
  const bool sameRank = shape.size() == input.dims.size();
  for (size_t i = 0; sameRank && i < shape.size(); ++i) {
    if (input.dims[i] < 0 || input.dims[i] == shape[i]) continue;
    complain(
        where + "condition: engineDims.d[i] == dims.d[i]. Static dimension mismatch while setting input shape for " +
        input.name + ". Set dimensions are " + show(shape) + ". Expected dimensions are " + show(input.dims) + ".)");
    return false;
  }
  if (!sameRank) {
    complain(where + "condition: engineDims.nbDims == dims.nbDims. Tensor " + input.name + " has " +
             std::to_string(input.dims.size()) + " dimensions, " + std::to_string(shape.size()) + " were set.)");
    return false;
  }
  const auto min = toShape(engine_->getProfileShape(input.name.c_str(), profile_, OptProfileSelector::kMIN));
  const auto max = toShape(engine_->getProfileShape(input.name.c_str(), profile_, OptProfileSelector::kMAX));
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] >= min[i] && shape[i] <= max[i]) continue;
    complain(where + "condition: satisfyProfile. Set dimension " + show(shape) + " for tensor " + input.name +
             " does not satisfy any optimization profiles. Valid range for profile " + std::to_string(profile_) + ": " +
             show(min) + ".." + show(max) + ".)");
    return false;
  }
  return true;
}

bool ContextImpl::setInputShape(const char* name, const Dims64& dims) noexcept {
  if (SIM_TRT("IExecutionContext::setInputShape") != 0) return false;
  const int index = known(name, "setInputShape");
  if (index < 0 || !isInput(index)) return false;
  sim::Shape shape = toShape(dims);
  const auto i = static_cast<size_t>(index);
  if (has_[i] && given_[i] == shape) return true;
  if (!tensor(index).shapeTensor && !fits(index, shape, "setInputShape")) return false;
  given_[i] = std::move(shape);
  has_[i] = true;
  shapes_ = nullptr;
  return true;
}

Dims64 ContextImpl::getTensorShape(const char* name) const noexcept {
  const int index = known(name, "getTensorShape");
  if (index < 0) return kNoDims;
  const auto i = static_cast<size_t>(index);
  if (isInput(index)) return toDims(has_[i] ? given_[i] : tensor(index).dims);
  if (!shapes_) (void)const_cast<ContextImpl*>(this)->infer();
  return toDims(shapes_ ? shapes_->dims[i] : tensor(index).dims);
}

Dims64 ContextImpl::getTensorStrides(const char* name) const noexcept {
  Dims64 dims = getTensorShape(name);
  int64_t stride = 1;
  for (int32_t i = dims.nbDims; i-- > 0;) {
    const int64_t size = dims.d[i];
    dims.d[i] = stride;
    stride = size < 0 ? -1 : stride * size;
  }
  return dims;
}

bool ContextImpl::setTensorAddress(const char* name, void* data) noexcept {
  if (SIM_TRT("IExecutionContext::setTensorAddress") != 0) return false;
  const int index = known(name, "setTensorAddress");
  if (index < 0) return false;
  const bool host = tensor(index).shapeTensor;
  if (!host && reinterpret_cast<uintptr_t>(data) % 256 != 0) {
    sim::bridge().violation("misaligned", std::string("the address of tensor ") + name + " is not a multiple of 256");
    complain(
        "IExecutionContext::setTensorAddress: Error Code 3: API Usage Error (Parameter check failed, the address of "
        "tensor " +
        std::string(name) + " is not aligned to 256 bytes)");
    return false;
  }
  void*& slot = addresses_[static_cast<size_t>(index)];
  if (slot != data) whole_ = nullptr;
  slot = data;
  return true;
}

const void* ContextImpl::getTensorAddress(const char* name) const noexcept {
  const int index = known(name, "getTensorAddress");
  return index < 0 ? nullptr : addresses_[static_cast<size_t>(index)];
}

bool ContextImpl::setInputConsumedEvent(cudaEvent_t event) noexcept {
  if (SIM_TRT("IExecutionContext::setInputConsumedEvent") != 0) return false;
  consumed_ = event;
  return true;
}

bool ContextImpl::setOutputAllocator(const char* name, IOutputAllocator* allocator) noexcept {
  if (SIM_TRT("IExecutionContext::setOutputAllocator") != 0) return false;
  const int index = known(name, "setOutputAllocator");
  if (index < 0 || isInput(index)) return false;
  if (allocator == nullptr) {
    allocators_.erase(index);
  } else {
    allocators_[index] = allocator;
  }
  return true;
}

IOutputAllocator* ContextImpl::getOutputAllocator(const char* name) noexcept {
  const auto found = allocators_.find(model().find(name));
  return found == allocators_.end() ? nullptr : found->second;
}

void ContextImpl::setAuxStreams(cudaStream_t* streams, int32_t count) noexcept {
  for (int32_t i = 0; i < count; ++i) {
    if (sim::bridge().deviceOf(streams[i]) != loaded_->device) {
      complain(
          "IExecutionContext::setAuxStreams: Error Code 3: API Usage Error (an auxiliary stream is not of the engine's "
          "device)");
    }
  }
}

size_t ContextImpl::updateDeviceMemorySizeForShapes() noexcept {
  if (SIM_TRT("IExecutionContext::updateDeviceMemorySizeForShapes") != 0 || !infer()) return 0;
  return sim::activationBytes(model(), *shapes_) + 1024;
}

void ContextImpl::setDeviceMemoryV2(void* memory, int64_t size) noexcept {
  if (memory_ != nullptr || size < static_cast<int64_t>(shapes_ ? sim::activationBytes(model(), *shapes_) : 0)) {
    return complain(
        "IExecutionContext::setDeviceMemoryV2: Error Code 3: API Usage Error (the context was not created for "
        "memory of the user's, or the memory is too small)");
  }
  userMemory_ = memory != nullptr;
}

#if TRT_GEN == 11 && TRT_RTX
bool ContextImpl::isStreamCapturable(cudaStream_t) const noexcept {
  return sim::bridge().settings().capturable != 0 && !dataDependent_;
}
#endif

bool ContextImpl::reportToProfiler() const noexcept {
  if (profiler_ == nullptr) return false;
  const auto total = static_cast<float>(sim::bridge().latencyOf(sim::Unit::kCompute, 0)) / 1e6F;
  for (const sim::Node& node : model().nodes) {
    profiler_->reportLayerTime(node.name.c_str(), total / static_cast<float>(model().nodes.size()));
  }
  return true;
}

IExecutionContext* makeContext(const ICudaEngine& engine, const LoadedPtr& loaded, const ContextSettings& settings) {
  auto impl = std::make_unique<ContextImpl>(engine, loaded, settings);
  if (!impl->allocated()) {
    complain("ICudaEngine::createExecutionContext: Error Code 2: OutOfMemory (Requested size was " +
             std::to_string(loaded->plan.fact("activation")) + " bytes.)");
    return nullptr;
  }
  compileKernels(loaded->plan.model, settings.config);
  return new Owned<VExecutionContext>(impl.release(), "contexts");
}

}  // namespace TRT_NS
