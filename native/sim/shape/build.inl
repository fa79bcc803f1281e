// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <thread>

#include "build.h"

namespace TRT_NS {

namespace {

// `inner[i]` runs inside step i. `foreign`: reported by another thread than the builder's.
struct Phase {
  const char* name;
  int32_t steps;
  bool foreign;
  std::vector<Phase> inner;
};

Phase phasesOf(int32_t layers) {
  const Phase reformats{"Timing tensor reformats", 3, true, {{"Computing reformatting costs", 1, true, {}}}};
  const Phase tactics{"Timing tactics", 3, true, {{"Timing graph nodes", 3, true, {}}}};
  const Phase subgraph{
      "Building engine from subgraph",
      1,
      false,
      {{"Optimizing graph", 30, false, {}}, {"Computing profile costs", 5, false, {tactics, reformats}}}};
  return {"Building engine",
          6,
          false,
          {{"Cloning network graph", layers, false, {}},
           {"Preparing graph for optimization", 4, false, {}},
           subgraph,
           {"Determining refit engines", 1, false, {}}}};
}

class Reporter {
 public:
  explicit Reporter(IProgressMonitor* monitor) : monitor_(monitor) {}

  void run(const Phase& phase, const char* parent) {
    if (!phase.foreign || sim::bridge().settings().foreignThreads == 0) return report(phase, parent);
    std::thread([&] { report(phase, parent); }).join();
  }
  bool cancelled() const { return cancelled_; }

 private:
  // Every phase that was begun is ended, also when cancelled.
  void report(const Phase& phase, const char* parent) {
    if (cancelled_) return;
    if (monitor_ != nullptr) monitor_->phaseStart(phase.name, parent, phase.steps);
    for (int32_t i = 0; i < phase.steps && !cancelled_; ++i) {
      if (static_cast<size_t>(i) < phase.inner.size()) run(phase.inner[static_cast<size_t>(i)], phase.name);
      if (phase.steps == 1) {  // "Building engine from subgraph" has one step with all that is in it
        for (size_t k = 1; k < phase.inner.size(); ++k) run(phase.inner[k], phase.name);
      }
      const int64_t delay = sim::bridge().settings().buildDelay;
      if (delay > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(delay));
      if (!cancelled_ && monitor_ != nullptr && !monitor_->stepComplete(phase.name, i)) cancelled_ = true;
    }
    if (monitor_ != nullptr) monitor_->phaseFinish(phase.name);
  }

  IProgressMonitor* const monitor_;
  bool cancelled_ = false;
};

std::string usage(const std::string& what, int line) {
  return "IBuilder::buildSerializedNetwork: Error Code 4: API Usage Error (" + what +
         " In validate at /_src/optimizer/api/network.cpp:" + std::to_string(line) + ")";
}

std::string checkInput(const sim::Tensor& input, const sim::Ranges& ranges, size_t profile) {
  const std::string number = std::to_string(profile);
  const auto found = ranges.find(input.name);
  const bool dynamic = sim::volume(input.dims) < 0;
  if (input.shapeTensor) {
    const bool given = found != ranges.end() && !found->second.values[0].empty();
    return given ? ""
                 : usage("Shape tensor input " + input.name + " is missing values in profile " + number + ".", 4070);
  }
  if (found == ranges.end() || found->second.dims[0].empty()) {
    return dynamic
               ? usage("Dynamic input tensor " + input.name + " is missing dimensions in profile " + number + ".", 4046)
               : "";
  }
  const auto& dims = found->second.dims;
  if (dims[0].size() != input.dims.size()) {
    return usage("Dynamic-shaped input tensor " + input.name + " has " + std::to_string(input.dims.size()) +
                     " dimensions but profile " + number + " has " + std::to_string(dims[0].size()) + ".",
                 4048);
  }
  for (size_t axis = 0; axis < input.dims.size(); ++axis) {
    const int64_t is = input.dims[axis];
    if (is < 0 || (dims[0][axis] == is && dims[1][axis] == is && dims[2][axis] == is)) continue;
    if (!dynamic) {
      return usage("Input tensor " + input.name +
                       " has static dimensions that don't match kMIN dimensions in profile index " + number +
                       ". Input dimensions are " + show(input.dims) + " but profile dimensions are " + show(dims[0]) +
                       ".",
                   4067);
    }
    return usage("Dimension mismatch for tensor " + input.name + " and profile " + number + ". At dimension axis " +
                     std::to_string(axis) + ", profile has min=" + std::to_string(dims[0][axis]) +
                     ", opt=" + std::to_string(dims[1][axis]) + ", max=" + std::to_string(dims[2][axis]) +
                     " but tensor has " + std::to_string(is) + ".",
                 4054);
  }
  return "";
}

std::string checkProfiles(const sim::Model& model, const std::vector<sim::Ranges>& profiles) {
  for (const int index : model.inputs) {
    const sim::Tensor& input = model.tensors[static_cast<size_t>(index)];
    if (profiles.empty() && (input.shapeTensor || sim::volume(input.dims) < 0)) {
      return usage("Network has dynamic or shape inputs, but no optimization profile has been defined.", 4023);
    }
    for (size_t i = 0; i < profiles.size(); ++i) {
      std::string why = checkInput(input, profiles[i], i);
      if (!why.empty()) return why;
    }
  }
  return "";
}

// Shapes of everything at one end of a profile. @throws std::runtime_error: the graph cannot take them.
sim::Shapes shapesAt(const sim::Model& model, const sim::Ranges* ranges, size_t which) {
  sim::Shapes shapes;
  for (const sim::Tensor& tensor : model.tensors) shapes.dims.push_back(tensor.dims);
  for (const int index : model.inputs) {
    const auto found = ranges == nullptr ? sim::Ranges::const_iterator()
                                         : ranges->find(model.tensors[static_cast<size_t>(index)].name);
    if (ranges == nullptr || found == ranges->end()) continue;
    if (!found->second.dims[which].empty()) shapes.dims[static_cast<size_t>(index)] = found->second.dims[which];
    if (!found->second.values[which].empty()) shapes.values[index] = found->second.values[which];
  }
  sim::inferShapes(model, shapes);
  return shapes;
}

int64_t activationNeed(const sim::Model& model, const std::vector<sim::Ranges>& profiles) {
  size_t most = 0;
  for (size_t i = 0; i < std::max<size_t>(profiles.size(), 1); ++i) {
    try {
      most = std::max(most, sim::activationBytes(model, shapesAt(model, profiles.empty() ? nullptr : &profiles[i], 2)));
    } catch (const std::runtime_error& error) {  // as the real one: a warning only
      say(Severity::kWARNING, std::string("Profile kMAX values are not self-consistent. ") + error.what());
    }
  }
  return static_cast<int64_t>(most) + 1024;
}

#if TRT_RTX
// Bits of the plan's header. 0: the list is not complete.
uint32_t targetBits(const ConfigImpl& config, std::string& why) {
  if (config.targets.empty()) return 0x7e;  // Ampere and later
  uint32_t bits = 0;
  for (const ComputeCapability target : config.targets) {
    static constexpr ComputeCapability known[] = {ComputeCapability::kSM75,  ComputeCapability::kSM80,
                                                  ComputeCapability::kSM86,  ComputeCapability::kSM89,
                                                  ComputeCapability::kSM120, ComputeCapability::kSM121};
    for (uint32_t i = 0; i < 6; ++i) bits |= known[i] == target ? 1U << i : 0;
    if (target == ComputeCapability::kCURRENT) {
      const int driver = sim::bridge().settings().driver;
      if (driver == 0) return 0x7e;
      why =
          "Error Code 1: Cuda Runtime (In generateForCurrent at /_src/optimizer/cudaDeviceProfile.cpp:221 (cudaError " +
          std::to_string(driver) + ": " + sim::bridge().textOf(driver) + "))";
      return 0;
    }
    if (target == ComputeCapability::kNONE) {
      why = "Unexpected exception bad optional access";
      return 0;
    }
  }
  return bits;
}
#endif

std::string checkFlags(const ConfigImpl& config) {
  const bool noGpu = sim::bridge().settings().driver != 0;
  const bool weights = config.getFlag(BuilderFlag::kREFIT) || config.getFlag(BuilderFlag::kREFIT_IDENTICAL) ||
                       (config.getFlag(BuilderFlag::kSTRIP_PLAN) && !config.getFlag(BuilderFlag::kREFIT_INDIVIDUAL));
  if (noGpu && weights) {
    return "Error Code 1: Myelin ([myelin_graph.h:1295: attachExceptionMsgToGraph] MyelinCheckException: "
           "graph_jit.cpp:278: "
           "CHECK(status == CUDA_SUCCESS) failed. In compileGraph)";
  }
  if (TRT_RTX && config.getFlag(BuilderFlag::kVERSION_COMPATIBLE) &&
      !config.getFlag(BuilderFlag::kEXCLUDE_LEAN_RUNTIME)) {
    return "IBuilder::buildSerializedNetwork: Error Code 6: API Usage Error (Unable to load library: "
           "libnvinfer_lean.so.1)";
  }
  if (config.getMemoryPoolLimit(MemoryPoolType::kWORKSPACE) == 0) {
    return "Error Code 2: Internal Error (Assertion mContext.maxScratchSize > 0 failed. )";
  }
  return "";
}

void fillFacts(sim::Plan& plan, const NetworkImpl& network, const ConfigImpl& config) {
  plan.facts["sm"] = sim::bridge().settings().sm;
  plan.facts["flags"] = config.flags;
  plan.facts["refittable"] = config.getFlag(BuilderFlag::kREFIT) || config.getFlag(BuilderFlag::kREFIT_IDENTICAL) ||
                             config.getFlag(BuilderFlag::kREFIT_INDIVIDUAL);
  plan.facts["streaming"] = config.getFlag(BuilderFlag::kWEIGHT_STREAMING);
  plan.facts["hostCode"] =
      config.getFlag(BuilderFlag::kVERSION_COMPATIBLE) && !config.getFlag(BuilderFlag::kEXCLUDE_LEAN_RUNTIME);
  plan.facts["compatibility"] = static_cast<int64_t>(config.compatibility);
  plan.facts["capability"] = static_cast<int64_t>(config.capability);
  plan.facts["verbosity"] = static_cast<int64_t>(config.verbosity);
  plan.facts["auxStreams"] = std::max(0, config.auxStreams);
  plan.facts["activation"] = activationNeed(network.model, config.profiles);
}

}  // namespace

std::string objection(const NetworkImpl& network, const ConfigImpl& config) {
  if (network.model.outputs.empty()) return usage("Network must have at least one output.", 3810);
  std::string why = checkProfiles(network.model, config.profiles);
  return why.empty() ? checkFlags(config) : why;
}

bool reportPhases(IProgressMonitor* monitor, int32_t layers, const std::function<void()>& work) {
  Reporter reporter(monitor);
  reporter.run(phasesOf(layers), nullptr);
  if (reporter.cancelled()) return false;
  work();
  return true;
}

std::vector<char> buildPlan(const NetworkImpl& network, const ConfigImpl& config) {
  const std::string why = objection(network, config);
  if (!why.empty()) return complain(why), std::vector<char>();
  sim::Plan plan;
#if TRT_RTX
  std::string notBuilt;
  plan.facts["capabilities"] = targetBits(config, notBuilt);
  if (!notBuilt.empty()) return complain(notBuilt), std::vector<char>();
#endif
  plan.version = sim::libraryVersion();
  plan.model = network.model;
  plan.profiles = config.profiles;
  fillFacts(plan, network, config);
  std::vector<char> bytes;
  const bool done = reportPhases(config.monitor, network.getNbLayers(), [&] {
    say(Severity::kINFO, "Max Scratch Memory: " + std::to_string(plan.fact("activation")) + " bytes");
    say(Severity::kINFO, "Total Activation Memory: " + std::to_string(plan.fact("activation")) + " bytes");
    say(Severity::kINFO, "Total Weights Memory: " + std::to_string(plan.model.weightBytes()) + " bytes");
    if (config.getFlag(BuilderFlag::kSTRIP_PLAN) && plan.fact("refittable") != 0) {
      plan.facts["stripped"] = static_cast<int64_t>(plan.model.weightBytes());
      for (sim::Tensor& tensor : plan.model.tensors) std::fill(tensor.data.begin(), tensor.data.end(), '\0');
    }
    bytes = sim::writePlan(plan);
    say(Severity::kINFO, "Engine generation completed in 0.01 seconds.");
  });
  if (!done) {
    complain(
        "IBuilder::buildSerializedNetwork: Error Code 7: BuildCanceled (Build canceled by user In next at "
        "/_src/optimizer/common/scopedProgressReporter.cpp:92)");
    return {};
  }
  if (config.timingCache != nullptr) {
    const auto& cache = static_cast<const TimingCacheImpl&>(*config.timingCache->table());
    for (const sim::Node& node : network.model.nodes) cache.entries.insert(node.op);
  }
  return bytes;
}

}  // namespace TRT_NS
