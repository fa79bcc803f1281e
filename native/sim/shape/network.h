// SPDX-License-Identifier: Apache-2.0
// Network and profile. The parser's library, compiled from the same file, fills `model` in.
#ifndef TENSORRT_NODE_SIM_SHAPE_NETWORK_H_
#define TENSORRT_NODE_SIM_SHAPE_NETWORK_H_

#include <map>
#include <vector>

#include "nv.h"

namespace TRT_NS {

class TensorImpl : public VTensor {
 public:
  TensorImpl(sim::Model& model, int index) : model_(model), index_(index) {}
  const char* getName() const noexcept override { return self().name.c_str(); }
  void setName(const char* name) noexcept override { self().name = name; }
  Dims64 getDimensions() const noexcept override { return toDims(self().dims); }
  void setDimensions(const Dims64& dims) noexcept override { self().dims = toShape(dims); }
  DataType getType() const noexcept override { return static_cast<DataType>(self().type); }
  bool isNetworkInput() const noexcept override { return has(model_.inputs); }
  bool isNetworkOutput() const noexcept override { return has(model_.outputs); }
  bool isShapeTensor() const noexcept override { return self().shapeTensor; }
  bool isExecutionTensor() const noexcept override { return !self().shapeTensor; }
  void setAllowedFormats(uint32_t formats) noexcept override { formats_ = formats; }
  uint32_t getAllowedFormats() const noexcept override { return formats_; }
#if !TRT_RTX
  TensorLocation getLocation() const noexcept override {
    return self().shapeTensor ? TensorLocation::kHOST : TensorLocation::kDEVICE;
  }
#endif

 private:
  sim::Tensor& self() const { return model_.tensors[static_cast<size_t>(index_)]; }
  bool has(const std::vector<int>& list) const {
    for (const int one : list) {
      if (one == index_) return true;
    }
    return false;
  }
  sim::Model& model_;
  const int index_;
  uint32_t formats_ = 1;
};

class NetworkImpl : public VNetworkDefinition {
 public:
  using Count = std::shared_ptr<std::atomic<int>>;
  NetworkImpl(IBuilder& builder, uint32_t flags, Count siblings)
      : builder_(builder), flags_(flags), siblings_(std::move(siblings)) {
    ++*siblings_;
  }
  ~NetworkImpl() override { --*siblings_; }

  int32_t getNbLayers() const noexcept override { return static_cast<int32_t>(model.nodes.size()); }
  int32_t getNbInputs() const noexcept override { return static_cast<int32_t>(model.inputs.size()); }
  int32_t getNbOutputs() const noexcept override { return static_cast<int32_t>(model.outputs.size()); }
  ITensor* getInput(int32_t index) const noexcept override { return tensor(model.inputs, index); }
  ITensor* getOutput(int32_t index) const noexcept override { return tensor(model.outputs, index); }
  void setName(const char* name) noexcept override { model.name = name; }
  const char* getName() const noexcept override { return model.name.c_str(); }
  bool hasImplicitBatchDimension() const noexcept override { return false; }
  uint32_t getFlags() const noexcept override { return flags_; }
  bool getFlag(NetworkDefinitionCreationFlag flag) const noexcept override {
    return (flags_ >> static_cast<int>(flag) & 1U) != 0;
  }
  IBuilder& getBuilder() const noexcept override { return builder_; }
  void setErrorRecorder(IErrorRecorder*) noexcept override {}
  bool markDebug(ITensor&) noexcept override { return true; }
  bool unmarkDebug(ITensor&) noexcept override { return true; }

  mutable sim::Model model;

 private:
  ITensor* tensor(const std::vector<int>& list, int32_t at) const {
    if (at < 0 || static_cast<size_t>(at) >= list.size()) return nullptr;
    const int index = list[static_cast<size_t>(at)];
    std::unique_ptr<ITensor>& slot = tensors_[index];
    if (!slot) slot = std::make_unique<Owned<VTensor>>(new TensorImpl(model, index), "tensors");
    return slot.get();
  }
  IBuilder& builder_;
  const uint32_t flags_;
  const Count siblings_;
  mutable std::map<int, std::unique_ptr<ITensor>> tensors_;
};

class Network : public Owned<VNetworkDefinition, INetworkDefinition> {
 public:
  explicit Network(NetworkImpl* impl) : Owned(impl, "networks") {}
  IBuilder& getBuilder() const noexcept override { return impl_->getBuilder(); }
};

class ProfileImpl : public VOptimizationProfile {
 public:
  bool setDimensions(const char* input, OptProfileSelector selector, const Dims64& dims) noexcept override {
    if (SIM_TRT("IOptimizationProfile::setDimensions") != 0) return false;
    for (const int64_t dim : toShape(dims)) {
      if (dim >= 0) continue;
      complain(
          "IOptimizationProfile::setDimensions: Error Code 3: API Usage Error (Parameter check failed, condition: "
          "std::all_of(dims.d, dims.d + dims.nbDims, [](int64_t x) noexcept { return x >= 0; }). )");
      return false;
    }
    ranges[input].dims[static_cast<size_t>(selector)] = toShape(dims);
    return true;
  }
  Dims64 getDimensions(const char* input, OptProfileSelector selector) const noexcept override {
    const auto found = ranges.find(input);
    return found == ranges.end() ? kNoDims : toDims(found->second.dims[static_cast<size_t>(selector)]);
  }
  bool setShapeValuesV2(const char* input, OptProfileSelector selector, const int64_t* values,
                        int32_t count) noexcept override {
    if (SIM_TRT("IOptimizationProfile::setShapeValuesV2") != 0) return false;
    ranges[input].values[static_cast<size_t>(selector)] = sim::Shape(values, values + count);
    return true;
  }
  const int64_t* getShapeValuesV2(const char* input, OptProfileSelector selector) const noexcept override {
    const auto found = ranges.find(input);
    return found == ranges.end() ? nullptr : found->second.values[static_cast<size_t>(selector)].data();
  }
#if TRT_GEN == 10
  bool setShapeValues(const char* input, OptProfileSelector selector, const int32_t* values,
                      int32_t count) noexcept override {
    ranges[input].values[static_cast<size_t>(selector)] = sim::Shape(values, values + count);
    return true;
  }
#endif
  int32_t getNbShapeValues(const char* input) const noexcept override {
    const auto found = ranges.find(input);
    return found == ranges.end() ? -1 : static_cast<int32_t>(found->second.values[0].size());
  }
  bool setExtraMemoryTarget(float fraction) noexcept override { return (extra_ = fraction) >= 0; }
  float getExtraMemoryTarget() const noexcept override { return extra_; }
  bool isValid() const noexcept override { return invalid().empty(); }

  // The first input whose minimum, optimum and maximum are not in order.
  std::string invalid() const {
    for (const auto& [name, range] : ranges) {
      if (!ordered(range.dims) || !ordered(range.values)) return name;
    }
    return "";
  }

  sim::Ranges ranges;

 private:
  static bool ordered(const std::array<sim::Shape, 3>& three) {
    if (three[0].size() != three[1].size() || three[1].size() != three[2].size()) return false;
    for (size_t i = 0; i < three[0].size(); ++i) {
      if (three[0][i] > three[1][i] || three[1][i] > three[2][i]) return false;
    }
    return true;
  }
  float extra_ = 1.0F;
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_SIM_SHAPE_NETWORK_H_
