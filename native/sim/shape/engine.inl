// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine.h"

namespace TRT_NS {

EngineImpl::~EngineImpl() {
  if (loaded_->contexts != 0)
    sim::bridge().violation("engineFirst", "an engine was destroyed before its execution contexts");
  if (loaded_->runtime && !*loaded_->runtime) {
    sim::bridge().violation("runtimeFirst", "a runtime was destroyed before its engine");
  }
}

EngineImpl::EngineImpl(LoadedPtr loaded) : loaded_(std::move(loaded)) {
  io_ = model().inputs;
  io_.insert(io_.end(), model().outputs.begin(), model().outputs.end());
}

const sim::Tensor* EngineImpl::tensor(const char* name) const {
  for (const int index : io_) {
    const sim::Tensor& one = model().tensors[static_cast<size_t>(index)];
    if (one.name == name) return &one;
  }
  complain(std::string("ICudaEngine: Error Code 3: API Usage Error (Given invalid tensor name: ") + name +
           ". Get valid tensor names with getIOTensorName())");
  return nullptr;
}

const sim::Range* EngineImpl::range(const char* name, int32_t profile) const {
  const auto& profiles = loaded_->plan.profiles;
  if (profile < 0 || static_cast<size_t>(profile) >= profiles.size()) return nullptr;
  const auto found = profiles[static_cast<size_t>(profile)].find(name);
  return found == profiles[static_cast<size_t>(profile)].end() ? nullptr : &found->second;
}

const EngineImpl::Format& EngineImpl::formatOf(const char* name) {
  static constexpr Format kLinear{"LINEAR", TensorFormat::kLINEAR, 1, -1, "Row-major linear format"};
  static constexpr Format kOthers[] = {
      {"CHW32", TensorFormat::kCHW32, 32, 1, "Thirty-two wide channel vectorized row-major format"},
      {"HWC", TensorFormat::kHWC, 1, -1, "Channel major format"}};
  sim::Settings& settings = sim::bridge().settings();
  const std::lock_guard<std::mutex> guard(settings.lock);
  for (const Format& each : kOthers) {
    if (settings.packed == std::string(name) + "=" + each.name) return each;
  }
  return kLinear;
}

IHostMemory* EngineImpl::serialize() const noexcept {
  return SIM_TRT("ICudaEngine::serialize") != 0 ? nullptr : blob(sim::writePlan(loaded_->plan));
}

int32_t EngineImpl::getNbOptimizationProfiles() const noexcept {
  return std::max(1, static_cast<int32_t>(loaded_->plan.profiles.size()));
}

Dims64 EngineImpl::getTensorShape(const char* name) const noexcept {
  const sim::Tensor* const found = tensor(name);
  return found == nullptr ? kNoDims : toDims(found->dims);
}

DataType EngineImpl::getTensorDataType(const char* name) const noexcept {
  const sim::Tensor* const found = tensor(name);
  return found == nullptr ? DataType::kFLOAT : static_cast<DataType>(found->type);
}

TensorLocation EngineImpl::getTensorLocation(const char* name) const noexcept {
  const sim::Tensor* const found = tensor(name);
  return found != nullptr && found->shapeTensor ? TensorLocation::kHOST : TensorLocation::kDEVICE;
}

bool EngineImpl::isShapeInferenceIO(const char* name) const noexcept {
  const sim::Tensor* const found = tensor(name);
  return found != nullptr && found->shapeTensor;
}

TensorIOMode EngineImpl::getTensorIOMode(const char* name) const noexcept {
  const int index = model().find(name);
  const auto in = [&](const std::vector<int>& list) {
    return std::find(list.begin(), list.end(), index) != list.end();
  };
  if (in(model().inputs)) return TensorIOMode::kINPUT;
  return in(model().outputs) ? TensorIOMode::kOUTPUT : TensorIOMode::kNONE;
}

int32_t EngineImpl::getTensorBytesPerComponent(const char* name) const noexcept {
  const sim::Tensor* const found = tensor(name);
  return found == nullptr ? -1 : static_cast<int32_t>(sim::sizeOf(found->type));
}

Dims64 EngineImpl::getProfileShape(const char* name, int32_t profile, OptProfileSelector selector) const noexcept {
  const sim::Tensor* const found = tensor(name);
  if (found == nullptr || profile < 0 || profile >= getNbOptimizationProfiles()) return kNoDims;
  const sim::Range* const given = range(name, profile);
  if (given == nullptr || given->dims[0].empty()) return toDims(found->dims);
  return toDims(given->dims[static_cast<size_t>(selector)]);
}

const int64_t* EngineImpl::getProfileTensorValuesV2(const char* name, int32_t profile,
                                                    OptProfileSelector selector) const noexcept {
  const sim::Range* const given = range(name, profile);
  return given == nullptr || given->values[0].empty() ? nullptr : given->values[static_cast<size_t>(selector)].data();
}

#if TRT_GEN == 10
const int32_t* EngineImpl::getProfileTensorValues(const char* name, int32_t profile,
                                                  OptProfileSelector selector) const noexcept {
  const sim::Range* const given = range(name, profile);
  if (given == nullptr || given->values[0].empty()) return nullptr;
  const sim::Shape& values = given->values[static_cast<size_t>(selector)];
  auto& narrow = narrowed_[name + std::to_string(profile) + "/" + std::to_string(static_cast<int>(selector))];
  narrow.assign(values.begin(), values.end());
  return narrow.data();
}
#endif

const char* EngineImpl::getIOTensorName(int32_t index) const noexcept {
  if (index < 0 || static_cast<size_t>(index) >= io_.size()) return nullptr;
  return model().tensors[static_cast<size_t>(io_[static_cast<size_t>(index)])].name.c_str();
}

int64_t EngineImpl::getStreamableWeightsSize() const noexcept {
  return fact("streaming") != 0 ? static_cast<int64_t>(model().weightBytes()) : 0;
}

bool EngineImpl::setWeightStreamingBudgetV2(int64_t bytes) noexcept {
  if (SIM_TRT("ICudaEngine::setWeightStreamingBudgetV2") != 0) return false;
  if (fact("streaming") == 0 || bytes < 0 || loaded_->contexts != 0) {
    complain(
        "ICudaEngine::setWeightStreamingBudgetV2: Error Code 3: API Usage Error (the budget cannot change while "
        "contexts "
        "exist, must not be negative, and needs an engine built with kWEIGHT_STREAMING)");
    return false;
  }
  loaded_->budget = std::min(bytes, getStreamableWeightsSize());
  return true;
}

int64_t EngineImpl::getEngineStat(EngineStat stat) const noexcept {
  return stat == EngineStat::kTOTAL_WEIGHTS_SIZE ? static_cast<int64_t>(model().weightBytes()) : fact("stripped");
}

IExecutionContext* EngineImpl::createExecutionContext(ExecutionContextAllocationStrategy strategy) noexcept {
  if (SIM_TRT("ICudaEngine::createExecutionContext") != 0) return nullptr;
  return makeContext(*self, loaded_, {strategy, nullptr});
}

IExecutionContext* EngineImpl::createExecutionContextWithRuntimeConfig(IRuntimeConfig* config) noexcept {
  if (SIM_TRT("ICudaEngine::createExecutionContext") != 0 || config == nullptr) return nullptr;
  return makeContext(*self, loaded_, {strategyOf(*config), config});
}

IRuntimeConfig* EngineImpl::createRuntimeConfig() noexcept {
  return SIM_TRT("ICudaEngine::createRuntimeConfig") != 0 ? nullptr : makeRuntimeConfig();
}

IEngineInspector* EngineImpl::createEngineInspector() const noexcept {
  return SIM_TRT("ICudaEngine::createEngineInspector") != 0 ? nullptr : makeInspector(loaded_);
}

IRefitter* EngineImpl::createRefitter(ILogger&) noexcept { return makeRefitter(loaded_); }

namespace {

class SerializationImpl : public VSerializationConfig {
 public:
  bool setFlags(uint32_t flags) noexcept override { return flags_ = flags, true; }
  uint32_t getFlags() const noexcept override { return flags_; }
  bool clearFlag(SerializationFlag flag) noexcept override { return flags_ &= ~(1U << static_cast<int>(flag)), true; }
  bool setFlag(SerializationFlag flag) noexcept override { return flags_ |= 1U << static_cast<int>(flag), true; }
  bool getFlag(SerializationFlag flag) const noexcept override { return (flags_ >> static_cast<int>(flag) & 1U) != 0; }

 private:
  uint32_t flags_ = 0;
};

}  // namespace

ISerializationConfig* EngineImpl::createSerializationConfig() noexcept {
  return new Owned<VSerializationConfig>(new SerializationImpl, "serializationConfigs");
}

ICudaEngine* makeEngine(LoadedPtr loaded) {
  auto* const impl = new EngineImpl(std::move(loaded));
  auto* const handle = new Owned<VCudaEngine>(impl, "engines");
  impl->self = handle;
  return handle;
}

}  // namespace TRT_NS
