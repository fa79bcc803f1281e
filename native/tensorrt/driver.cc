// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/driver.h"

#include <utility>
#include <vector>

namespace trt {
namespace {

constexpr char kInstallDriver[] =
    "Install NVIDIA's driver on the machine; in a container, give it the GPU (docker run --gpus all, NVIDIA Container "
    "Toolkit).";

std::string cudaVersion(int version) {
  return std::to_string(version / 1000) + '.' + std::to_string(version % 1000 / 10);
}

void explainOther(int code, DriverState& state) {
  switch (code) {
    case cuda::kSystemNotReady:
      state.reason = "The driver says that the system is not ready (cudaErrorSystemNotReady, 802).";
      state.remedy = "Start NVIDIA's fabric manager (systemctl start nvidia-fabricmanager), then try again.";
      return;
    case cuda::kSystemDriverMismatch:
      state.reason = "The driver's library and its kernel module do not match (cudaErrorSystemDriverMismatch, 803).";
      state.remedy = "Reboot, or reload the kernel module: the driver was updated while it was in use.";
      return;
    case cuda::kCompatNotSupported:
      state.reason =
          "CUDA's forward compatibility is not supported on this GPU (cudaErrorCompatNotSupportedOnDevice, 804).";
      state.remedy =
          "Take the cuda-compat folder out of LD_LIBRARY_PATH and ld.so.conf, or update the driver itself; only data "
          "centre GPUs take the compatibility libraries.";
      return;
    case cuda::kUnknown:
      state.reason = "The driver does not start, for an unknown reason (cudaErrorUnknown, 999).";
      state.remedy =
          "Look at nvidia-smi and dmesg; often the module nvidia_uvm is missing (modprobe nvidia_uvm) or the machine "
          "was suspended. Reload the driver or reboot.";
      return;
    default:
      state.reason = state.cuda == nullptr ? "CUDA fails with error " + std::to_string(code) + "."
                                           : state.cuda->describe(code, "cudaGetDeviceCount");
      state.remedy = "Look at nvidia-smi.";
  }
}

// Loads `candidate`, and asks it. What could not be loaded is in state.cudart.tried.
DriverState ask(const std::string& candidate) {
  DriverState state;
  state.cudart = loadFirst("cudart", {candidate});
  if (state.cudart.handle == nullptr) return state;
  try {
    state.cuda = &Cuda::of(state.cudart.handle, state.cudart.path);
  } catch (const Error& lacking) {
    state.cudart.tried.push_back({candidate, lacking.what()});
    state.cudart.handle = nullptr;
    return state;
  }
  // Outputs stay untouched where a call fails.
  if (state.cuda->RuntimeGetVersion(&state.runtimeVersion) != cuda::kSuccess) state.runtimeVersion = 0;
  if (state.cuda->DriverGetVersion(&state.driverVersion) != cuda::kSuccess) state.driverVersion = 0;
  state.cudart.version = cudaVersion(state.runtimeVersion);
  const int code = state.cuda->GetDeviceCount(&state.devices);
  if (code != cuda::kSuccess) {
    state.cuda->clear();
    state.devices = 0;
  }
  explainDriver(code, state);
  return state;
}

}  // namespace

void explainDriver(int code, DriverState& state) {
  if (state.driverVersion == 0) {
    state.reason = "There is no NVIDIA driver on this machine: libcuda.so.1 is not there, or does not answer.";
    state.remedy = kInstallDriver;
  } else if (code == cuda::kInsufficientDriver) {
    state.reason = "The NVIDIA driver is too old: it serves CUDA up to " + cudaVersion(state.driverVersion) +
                   ", and the CUDA runtime found here is " + cudaVersion(state.runtimeVersion) + " (" +
                   state.cudart.path + ").";
    state.remedy =
        "Update the driver, or install libraries for CUDA " + std::to_string(state.driverVersion / 1000) + ".";
  } else if (code == cuda::kNoDevice || (code == cuda::kSuccess && state.devices == 0)) {
    state.reason = "The NVIDIA driver is there, but no CUDA device is visible.";
    state.remedy =
        "Check nvidia-smi and the variable CUDA_VISIBLE_DEVICES; in a container, give it the GPU (docker run --gpus "
        "all).";
  } else if (code != cuda::kSuccess) {
    explainOther(code, state);
  }
}

DriverState checkDriver(const std::vector<std::string>& cudartCandidates) {
  DriverState best;
  best.cudart.name = "cudart";
  best.reason = "No CUDA runtime (libcudart) was found.";
  best.remedy = "Install it (pip: nvidia-cuda-runtime; apt: cuda-cudart-13-0), or give its path as 'cudart'.";
  std::vector<Tried> tried;
  for (const std::string& candidate : cudartCandidates) {
    DriverState state = ask(candidate);
    tried.insert(tried.end(), state.cudart.tried.begin(), state.cudart.tried.end());
    if (state.cuda == nullptr) {
      if (best.cuda == nullptr) best.reason = "No CUDA runtime (libcudart) could be loaded" + listOf(tried) + ".";
      continue;
    }
    const bool usable = state.usable();
    if (!usable) tried.push_back({state.cudart.path, state.reason});
    if (usable || best.cuda == nullptr) best = std::move(state);
    best.cudart.tried.clear();
    // Only a driver that is too old for one runtime can serve an older one.
    if (usable || best.driverVersion == 0) break;
  }
  for (Tried& one : tried) {  // what became of the one in hand is in `reason`
    if (one.path != best.cudart.path) best.cudart.tried.push_back(std::move(one));
  }
  return best;
}

const Cuda& requireDriver(const std::vector<std::string>& cudartCandidates) {
  const DriverState state = checkDriver(cudartCandidates);
  if (!state.usable()) throw Unusable(state.reason, state.remedy);
  return *state.cuda;
}

void requireDevice(const Cuda& cuda, int device) {
  int count = 0;
  cuda.check(cuda.GetDeviceCount(&count), "cudaGetDeviceCount");
  if (device >= 0 && device < count) return;
  throw Error(BACKEND_UNAVAILABLE, "There is no device " + std::to_string(device) + ": this process sees " +
                                       std::to_string(count) +
                                       ". Choose another with the option 'device', or check CUDA_VISIBLE_DEVICES.");
}

}  // namespace trt
