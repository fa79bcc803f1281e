// SPDX-License-Identifier: Apache-2.0
// The execution context: what follows from the shapes and values that were given.
#include <algorithm>

#include "context.h"

namespace TRT_NS {

std::vector<int> ContextImpl::missing() const {
  std::vector<int> out;
  for (const int index : model().inputs) {
    const auto i = static_cast<size_t>(index);
    const bool lacks = tensor(index).shapeTensor ? addresses_[i] == nullptr : !has_[i];
    if (lacks) out.push_back(index);
  }
  return out;
}

// Shape tensors are read from the host when shapes are inferred and again at each enqueue.
bool ContextImpl::readValues() {
  for (const int index : model().inputs) {
    const sim::Tensor& input = tensor(index);
    if (!input.shapeTensor) continue;
    const auto i = static_cast<size_t>(index);
    const auto count = static_cast<size_t>(std::max<int64_t>(0, sim::volume(has_[i] ? given_[i] : input.dims)));
    sim::Shape values;
    for (size_t k = 0; k < count; ++k) {
      values.push_back(input.type == sim::kInt32 ? static_cast<const int32_t*>(addresses_[i])[k]
                                                 : static_cast<const int64_t*>(addresses_[i])[k]);
    }
    const int64_t* const min =
        engine_->getProfileTensorValuesV2(input.name.c_str(), profile_, OptProfileSelector::kMIN);
    const int64_t* const max =
        engine_->getProfileTensorValuesV2(input.name.c_str(), profile_, OptProfileSelector::kMAX);
    for (size_t k = 0; min != nullptr && max != nullptr && k < count; ++k) {
      if (values[k] >= min[k] && values[k] <= max[k]) continue;
      complain("IExecutionContext::inferShapes: Error Code 3: API Usage Error (shape values " + show(values) + " of " +
               input.name + " are outside of profile " + std::to_string(profile_) + ")");
      return false;
    }
    if (values_[index] != values) {
      values_[index] = values;
      shapes_ = nullptr;
    }
  }
  return true;
}

bool ContextImpl::infer() {
  if (!missing().empty() || !readValues()) return false;
  if (shapes_) return true;
  auto shapes = std::make_shared<sim::Shapes>();
  for (const sim::Tensor& one : model().tensors) shapes->dims.push_back(one.dims);
  for (const int index : model().inputs) {
    if (has_[static_cast<size_t>(index)]) shapes->dims[static_cast<size_t>(index)] = given_[static_cast<size_t>(index)];
  }
  shapes->values = values_;
  try {
    sim::inferShapes(model(), *shapes);
  } catch (const std::runtime_error& error) {
    complain(std::string("IExecutionContext::inferShapes: Error Code 7: Internal Error (") + error.what() + ")");
    return false;
  }
  shapes_ = std::move(shapes);
  whole_ = nullptr;
  return true;
}

int32_t ContextImpl::inferShapes(int32_t capacity, const char** names) noexcept {
  if (SIM_TRT("IExecutionContext::inferShapes") != 0) return -1;
  const std::vector<int> lacking = missing();
  for (size_t i = 0; i < lacking.size() && static_cast<int32_t>(i) < capacity; ++i)
    names[i] = tensor(lacking[i]).name.c_str();
  if (!lacking.empty()) return static_cast<int32_t>(lacking.size());
  return infer() ? 0 : -1;
}

// With the shapes that are set; without, with the profile's largest.
int64_t ContextImpl::getMaxOutputSize(const char* name) const noexcept {
  const int index = known(name, "getMaxOutputSize");
  if (index < 0) return -1;
  sim::Shapes shapes;
  for (const sim::Tensor& one : model().tensors) shapes.dims.push_back(one.dims);
  for (const int input : model().inputs) {
    const auto i = static_cast<size_t>(input);
    shapes.dims[i] =
        has_[i] ? given_[i]
                : toShape(engine_->getProfileShape(tensor(input).name.c_str(), profile_, OptProfileSelector::kMAX));
  }
  shapes.values = values_;
  try {
    sim::inferShapes(model(), shapes);
  } catch (const std::runtime_error&) {
    return -1;
  }
  sim::Shape dims = shapes.dims[static_cast<size_t>(index)];
  if (tensor(index).dataDependent && dims.size() == 2) {  // coordinates: at most one for each element
    int64_t most = 1;
    for (const int input : model().inputs) most = std::max(most, sim::volume(shapes.dims[static_cast<size_t>(input)]));
    dims[1] = most;
  }
  return sim::volume(dims) < 0 ? -1 : static_cast<int64_t>(sim::bytesOf(tensor(index).type, dims));
}

}  // namespace TRT_NS
