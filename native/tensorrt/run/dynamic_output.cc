// SPDX-License-Identifier: Apache-2.0
#include "dynamic_output.h"

namespace trt::run {

DynamicBuffer::~DynamicBuffer() {
  if (data_ != nullptr) (void)device_.cuda().Free(data_);  // also takes what cudaMallocAsync gave
}

bool DynamicBuffer::grow(size_t bytes, Stream stream) noexcept {
  if (bytes <= capacity_) return true;
  const Cuda& cuda = device_.cuda();
  const bool ordered = cuda.MallocAsync != nullptr && cuda.FreeAsync != nullptr && device_.has_memory_pools();
  void* const old = data_;
  data_ = nullptr;
  capacity_ = 0;
  // The slot is free: nothing on the device uses the old memory any more.
  if (old != nullptr && (ordered ? cuda.FreeAsync(old, stream) : cuda.Free(old)) != cuda::kSuccess) return false;
  const size_t wanted = size_class(bytes);
  if ((ordered ? cuda.MallocAsync(&data_, wanted, stream) : cuda.Malloc(&data_, wanted)) != cuda::kSuccess) {
    data_ = nullptr;
    return false;
  }
  capacity_ = wanted;
  return true;
}

void* DynamicOutput::reallocate(const char*, void*, uint64_t bytes, uint64_t, Stream stream) noexcept {
  // CUDA's memory is aligned to 256 and more, which is all that TensorRT asks for.
  return target_ != nullptr && target_->grow(static_cast<size_t>(bytes), stream) ? target_->data() : nullptr;
}

void DynamicOutput::notifyShape(const char*, const Dims& dims) noexcept {
  if (target_ != nullptr) target_->dims = dims;
}

}  // namespace trt::run
