// SPDX-License-Identifier: Apache-2.0
// A builder configuration in memory. `deaf` settings are those that it ignores, as TensorRT does with what it does not like.
#ifndef TENSORRT_NODE_TEST_TRTBUILD_FAKE_CONFIG_H_
#define TENSORRT_NODE_TEST_TRTBUILD_FAKE_CONFIG_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tensorrt/trt.h"
#include "tensorrt/unusable.h"

namespace trtbuild_test {

class FakeConfig : public trt::BuilderConfig {
 public:
  std::map<std::string, bool, std::less<>> flags{{"TF32", true}};
  std::map<std::string, uint64_t, std::less<>> pools;
  std::map<trt::Setting, int64_t> settings;
  std::vector<std::string> sources{"CUBLAS", "CUDNN"};
  std::map<std::string, bool, std::less<>> previews;
  std::vector<int32_t> capabilities;
  bool deaf = false;
  std::string unknownFlag;

  void setFlag(std::string_view name, bool on) override {
    if (name == unknownFlag) throw trt::Error(BACKEND_INVALID_ARGUMENT, "no such flag");
    if (!deaf) flags[std::string(name)] = on;
  }
  bool flag(std::string_view name) const override {
    const auto found = flags.find(name);
    return found != flags.end() && found->second;
  }
  void setMemoryPool(std::string_view pool, uint64_t bytes) override {
    if (!deaf) pools[std::string(pool)] = bytes;
  }
  uint64_t memoryPool(std::string_view pool) const override {
    const auto found = pools.find(pool);
    return found == pools.end() ? 0 : found->second;
  }
  void set(trt::Setting setting, int64_t value) override {
    if (!deaf) settings[setting] = value;
  }
  int64_t get(trt::Setting setting) const override {
    const auto found = settings.find(setting);
    return found == settings.end() ? 0 : found->second;
  }
  bool setTacticSources(const std::vector<std::string>& given) override {
    if (!deaf) sources = given;
    return !deaf;
  }
  std::vector<std::string> tacticSources() const override { return sources; }
  void setPreview(std::string_view feature, bool on) override { previews[std::string(feature)] = on; }
  bool preview(std::string_view feature) const override {
    const auto found = previews.find(feature);
    return found != previews.end() && found->second;
  }
  int32_t addProfile(const trt::Profile&) override { return 0; }
  std::unique_ptr<trt::TimingCache> createTimingCache(const void*, size_t) const override { return nullptr; }
  bool setTimingCache(const trt::TimingCache&, bool) override { return false; }
  void setProgress(trt::Progress*) override {}
  void setProfileStream(trt::Stream) override {}
  void setPluginsToSerialize(const std::vector<std::string>&) override {}
  void setComputeCapabilities(const std::vector<int32_t>& sm) override { capabilities = sm; }
};

}  // namespace trtbuild_test

#endif  // TENSORRT_NODE_TEST_TRTBUILD_FAKE_CONFIG_H_
