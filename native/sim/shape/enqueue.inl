// SPDX-License-Identifier: Apache-2.0
// enqueueV3: what has to be right before a run, and the run.
#include <algorithm>
#include <cstring>

#include "context.h"

namespace TRT_NS {

namespace {

// A context belongs to one thread at a time.
class Alone {
 public:
  explicit Alone(std::atomic<int>& users) : users_(users), alone_(++users == 1) {
    if (!alone_) sim::bridge().violation("contextShared", "two threads used one execution context at once");
  }
  ~Alone() { --users_; }
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;
  explicit operator bool() const { return alone_; }

 private:
  std::atomic<int>& users_;
  const bool alone_;
};

bool refuse(const std::string& why) {
  complain("IExecutionContext::enqueueV3: Error Code 3: API Usage Error (Parameter check failed, " + why + ")");
  return false;
}

}  // namespace

bool ContextImpl::checkAddress(int index, size_t bytes) const {
  void* const at = addresses_[static_cast<size_t>(index)];
  const std::string& name = tensor(index).name;
  if (at == nullptr) {
    return refuse(
        "condition: mContext.profileObliviousBindings.at(profileObliviousIndex) || getPtrOrNull(mOutputAllocators, "
        "profileObliviousIndex). Neither address or allocator is set for tensor " +
        name +
        ". Call setInputTensorAddress, "
        "setOutputTensorAddress or setOutputAllocator before enqueue/execute.");
  }
  if (tensor(index).shapeTensor || bytes == 0) return true;
  std::string why;
  if (sim::bridge().onDevice(at, bytes, loaded_->device, why, false)) return true;
  // Real hardware would not notice here; the run itself would read or write what is not its own.
  sim::bridge().violation("unregistered", "tensor " + name + " is " + why);
  return refuse("tensor " + name + " is " + why);
}

bool ContextImpl::checkAddresses() const {
  for (const auto* const list : {&model().inputs, &model().outputs}) {
    for (const int index : *list) {
      const auto i = static_cast<size_t>(index);
      if (allocators_.count(index) != 0) continue;
      if (tensor(index).dataDependent)
        return refuse("output " + tensor(index).name + " depends on data and has no output allocator");
      if (!checkAddress(index, sim::bytesOf(tensor(index).type, shapes_->dims[i]))) return false;
    }
  }
  return true;
}

bool ContextImpl::ready(cudaStream_t stream) {
  const int device = sim::bridge().deviceOf(stream);
  if (device != loaded_->device) {
    sim::bridge().violation("wrongDevice", "a context was enqueued on a stream of another device, or on none");
    return refuse("the stream is not of the engine's device");
  }
  if (stream == nullptr) {
    say(Severity::kWARNING,
        "Using default stream in enqueueV3() may lead to performance issues due to additional calls to "
        "cudaDeviceSynchronize() by TensorRT to ensure correct synchronization.");
    sim::bridge().violation("defaultStream", "enqueueV3 on the default stream");
  }
  if (settings_.strategy == ExecutionContextAllocationStrategy::kUSER_MANAGED && !userMemory_)
    return refuse("no device memory was set");
  if (!loaded_->unset.empty()) return refuse("the engine's weights were stripped and have not been refitted");
  const std::vector<int> lacking = missing();
  if (!lacking.empty())
    return refuse("condition: allInputDimensionsSpecified(). Input " + tensor(lacking[0]).name +
                  " has no shape or values");
  return infer();
}

// Where everything is; between inputs and outputs in buffers of the context's own.
std::shared_ptr<const Bindings> ContextImpl::bind() {
  auto bindings = std::make_shared<Bindings>();
  bindings->shapes = shapes_;
  bindings->at.assign(model().tensors.size(), nullptr);
  for (size_t i = 0; i < model().tensors.size(); ++i) {
    const sim::Tensor& one = model().tensors[i];
    if (one.constant) {
      bindings->at[i] = loaded_->plan.model.tensors[i].data.data();
    } else if (addresses_[i] != nullptr) {
      bindings->at[i] = addresses_[i];
    } else {
      const size_t bytes = sim::bytesOf(one.type, shapes_->dims[i]);
      if (program_->scratch[i].size() < bytes) program_->scratch[i].resize(bytes);
      bindings->at[i] = program_->scratch[i].data();
    }
  }
  for (const int index : model().inputs) {
    if (!tensor(index).shapeTensor) bindings->inputs.push_back(index);
  }
  bindings->outputs = model().outputs;
  return bindings;
}

bool ContextImpl::launch(cudaStream_t stream, const sim::WorkPtr& work) {
  const int code = sim::bridge().launch(stream, work);
  if (code == 0) return true;
  complain(
      "IExecutionContext::enqueueV3: Error Code 1: Cuda Runtime (In launch at /_src/runtime/engine.cpp:1 (cudaError " +
      std::to_string(code) + ": " + sim::bridge().textOf(code) + "))");
  return false;
}

bool ContextImpl::consumedOn(cudaStream_t stream) {
  return consumed_ == nullptr || sim::bridge().record(consumed_, stream) == 0 ||
         refuse("the input-consumed event could not be recorded");
}

// Outputs with an allocator ask it at each run.
bool ContextImpl::allocateOutputs(cudaStream_t stream) {
  for (const auto& [index, allocator] : allocators_) {
    const auto i = static_cast<size_t>(index);
    const size_t bytes = sim::bytesOf(tensor(index).type, shapes_->dims[i]);
    void* const at = allocator->reallocateOutputAsync(tensor(index).name.c_str(), addresses_[i],
                                                      std::max<size_t>(bytes, 1), 256, stream);
    if (at == nullptr) return refuse("the output allocator gave no memory for " + tensor(index).name);
    if (at != addresses_[i]) whole_ = nullptr;
    addresses_[i] = at;
    if (!checkAddress(index, bytes)) return false;
    allocator->notifyShape(tensor(index).name.c_str(), toDims(shapes_->dims[i]));
  }
  return true;
}

// Sizes are known only once the data is: TensorRT, too, waits for the stream inside of enqueueV3 then.
bool ContextImpl::runDataDependent(cudaStream_t stream) {
  if (sim::bridge().capturing(stream)) {
    sim::bridge().breakCapture(stream);
    return refuse("a network with data-dependent shapes cannot be captured");
  }
  if (const int code = sim::bridge().synchronize(stream)) {
    return refuse("cudaError " + std::to_string(code) + ": " + sim::bridge().textOf(code));
  }
  const auto asked = std::make_shared<sim::Shapes>(*shapes_);
  std::vector<void*> at = bind()->at;
  int64_t most = 1;
  for (const int input : model().inputs) most = std::max(most, sim::volume(shapes_->dims[static_cast<size_t>(input)]));
  std::vector<std::vector<char>> own(at.size());
  for (size_t i = 0; i < at.size(); ++i) {
    if (!model().tensors[i].dataDependent) continue;
    own[i].resize(static_cast<size_t>(most) * 8 * 8);
    at[i] = own[i].data();
  }
  sim::execute(model(), *asked, at);
  shapes_ = asked;
  whole_ = nullptr;
  const bool done = allocateOutputs(stream) &&
                    launch(stream, std::make_shared<RunWork>(program_, bind(), Part::kWhole)) && consumedOn(stream);
  shapes_ = nullptr;
  return done;
}

bool ContextImpl::start(cudaStream_t stream) {
  if (dataDependent_) return runDataDependent(stream);
  if (!allocators_.empty() && !allocateOutputs(stream)) return false;
  const bool split = consumed_ != nullptr && sim::bridge().latencyOf(sim::Unit::kCompute, 0) != 0;
  if (!split) {
    if (!whole_) whole_ = std::make_shared<RunWork>(program_, bind(), Part::kWhole);
    return launch(stream, whole_) && consumedOn(stream);
  }
  const auto bindings = bind();
  return launch(stream, std::make_shared<RunWork>(program_, bindings, Part::kRead)) && consumedOn(stream) &&
         launch(stream, std::make_shared<RunWork>(program_, bindings, Part::kRest));
}

bool ContextImpl::enqueueV3(cudaStream_t stream) noexcept {
  const Alone alone(users_);
  if (!alone) return refuse("the context is in use by another thread");
  if (const int fault = SIM_TRT("IExecutionContext::enqueueV3")) {
    return refuse("simulated fault " + std::to_string(fault));
  }
  if (loaded_->plan.fact("streaming") != 0 && sim::bridge().capturing(stream)) {
    sim::bridge().breakCapture(stream);
    return refuse("an engine that streams weights cannot be captured");
  }
  if (!ready(stream) || !checkAddresses() || !start(stream)) return false;
  if (profiler_ != nullptr && emits_ && !sim::bridge().capturing(stream)) {
    (void)sim::bridge().synchronize(stream);
    (void)reportToProfiler();
  }
  return true;
}

}  // namespace TRT_NS
