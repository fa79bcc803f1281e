// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tensorrt/logging.h"
#include "trtbuild_cases.h"

namespace trtbuild_test {
namespace {

constexpr int32_t kError = 1;
constexpr int32_t kWarning = 2;
constexpr int32_t kInfo = 3;
constexpr int32_t kVerbose = 4;
constexpr char kEcho[] =
    "[checkMacros.cpp::catchCudaError::229] Error Code 1: Cuda Runtime (In catchCudaError at checkMacros.cpp:229 "
    "(cudaError "
    "35: CUDA driver version is insufficient for CUDA runtime version))";

struct Heard {
  std::vector<std::pair<int, std::string>> lines;
  backend_observer observer{};
  Heard() {
    observer.struct_size = sizeof observer;
    observer.user = this;
    observer.log = [](void* user, backend_log_level level, const char* text) {
      static_cast<Heard*>(user)->lines.emplace_back(level, text);
    };
  }
};

void anEchoIsNoError() {
  Heard heard;
  trt::JobLog log(&heard.observer, BACKEND_LOG_VERBOSE);
  log.write(kError, "the cause");
  log.write(kError, kEcho);
  log.write(kError, "catchCudaError (In catchCudaError at x)");
  CHECK((log.errors() == std::vector<std::string>{"the cause"}));
  CHECK(log.why("") == "the cause");
  CHECK(heard.lines.size() == 3);  // still told, but as what it is
  CHECK(heard.lines[0].first == BACKEND_LOG_ERROR && heard.lines[1].first == BACKEND_LOG_VERBOSE);
  // Error 35 itself is an error.
  CHECK(!trt::isEcho("ScopedCudaStream (cudaError 35: CUDA driver version is insufficient)"));
}

void passesOnWhatIsWanted() {
  Heard heard;
  trt::JobLog log(&heard.observer, BACKEND_LOG_WARNING);
  log.write(0, "internal");
  log.write(kWarning, "careful");
  log.write(kWarning, "careful");
  log.write(kInfo, "by the way");
  log.write(kVerbose, "chatter");
  CHECK(heard.lines.size() == 3);
  CHECK((log.warnings() == std::vector<std::string>{"careful"}));
  CHECK(log.lastLines().size() == 4);  // kept for whoever asks why; not the chatter
  log.forgetErrors();
  CHECK(log.why("none") == "none");
}

void readsTheMemoryAnEngineNeeds() {
  trt::JobLog log(nullptr);
  CHECK(log.facts().scratchBytes == -1);
  log.write(kInfo, "Max Scratch Memory: 120013312 bytes");
  log.write(kInfo, "Max Scratch Memory: 1024 bytes");  // of another profile
  log.write(kInfo, "Total Activation Memory: 7 bytes");
  log.write(kInfo, "Total Weights Memory: 4691776 bytes");
  log.write(kInfo, "Total Weights Memory: unknown");
  CHECK(log.facts().scratchBytes == 120013312 && log.facts().activationBytes == 7);
  CHECK(log.facts().weightsBytes == 4691776);
}

void belongsToTheJobOfItsThread() {
  const auto build = std::make_shared<trt::JobLog>(nullptr);
  const auto load = std::make_shared<trt::JobLog>(nullptr);
  const trt::LogScope building(build, trt::LogScope::Foreign::kYes);
  std::thread([&] {
    trt::routeLog(kError, "from a thread of TensorRT");
    const trt::LogScope loading(load);
    trt::routeLog(kError, "from the load");
  }).join();
  {
    const trt::LogScope nested(load);
    trt::routeLog(kError, "nested");
  }
  trt::routeLog(kError, "own");
  CHECK((build->errors() == std::vector<std::string>{"from a thread of TensorRT", "own"}));
  CHECK((load->errors() == std::vector<std::string>{"from the load", "nested"}));
}

// For TSan: threads of TensorRT speak on while builds come and go.
void jobsComeAndGoUnderForeignThreads() {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) trt::routeLog(kError, "chatter");
    });
  }
  for (int i = 0; i < 500; ++i) {
    const auto log = std::make_shared<trt::JobLog>(nullptr);
    const trt::LogScope scope(log, trt::LogScope::Foreign::kYes);
    trt::routeLog(kError, "own");
    CHECK(!log->errors().empty());
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

void dropsWhatBelongsToNobody() {
  trt::routeLog(kError, "nobody listens");
  trt::routeLog(kError, nullptr);
}

}  // namespace

void logCases() {
  anEchoIsNoError();
  passesOnWhatIsWanted();
  readsTheMemoryAnEngineNeeds();
  belongsToTheJobOfItsThread();
  jobsComeAndGoUnderForeignThreads();
  dropsWhatBelongsToNobody();
}

}  // namespace trtbuild_test
