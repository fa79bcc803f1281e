// SPDX-License-Identifier: Apache-2.0
// Runtime and library of this shape: what the shape_*.cc compile, one shape each.
#ifndef TENSORRT_NODE_TENSORRT_SHAPES_LIBRARY_H_
#define TENSORRT_NODE_TENSORRT_SHAPES_LIBRARY_H_

#include "tensorrt/shapes/engine.h"

namespace TRT_NS {

class RuntimeAdapter final : public trt::Runtime {
 public:
  RuntimeAdapter(std::unique_ptr<IRuntime> runtime, const trt::EntryPoints& entries, const trt::Version& version)
      : runtime_(std::move(runtime)), entries_(entries), version_(version) {}

  std::unique_ptr<trt::Engine> deserialize(const void* plan, size_t bytes) override {
    std::unique_ptr<ICudaEngine> engine = own(v().deserializeCudaEngine(plan, bytes));
    return engine == nullptr ? nullptr : std::make_unique<EngineAdapter>(std::move(engine), entries_, version_);
  }
  void setHostCodeAllowed(bool allowed) override { v().setEngineHostCodeAllowed(allowed); }
  bool setMaxThreads(int32_t threads) override { return v().setMaxThreads(threads); }
  void setDlaCore(int32_t core) override { v().setDLACore(core); }
  int32_t dlaCores() const override { return v().getNbDLACores(); }
  void setTemporaryDirectory(const char* path) override { v().setTemporaryDirectory(path); }
  bool loadPluginLibrary(const char* path) override { return loadPlugins(v().getPluginRegistry(), path); }
  std::unique_ptr<trt::Runtime> loadRuntime(const char* path) override {
    std::unique_ptr<IRuntime> loaded = own(v().loadRuntime(path));
    return loaded == nullptr ? nullptr : std::make_unique<RuntimeAdapter>(std::move(loaded), entries_, version_);
  }

 private:
  VRuntime& v() const noexcept { return *runtime_->table(); }

  std::unique_ptr<IRuntime> runtime_;
  const trt::EntryPoints& entries_;
  const trt::Version& version_;
};

class LibraryAdapter final : public trt::Library {
 public:
  LibraryAdapter(const trt::EntryPoints& entries, const trt::Version& version) : entries_(entries), version_(version) {}

  const trt::Version& version() const noexcept override { return version_; }
  std::unique_ptr<trt::Builder> createBuilder() override {
    if (entries_.createInferBuilder == nullptr) absent("Building an engine", "the full TensorRT library");
    void* made = entries_.createInferBuilder(&logger(), EngineAdapter::libraryVersion(version_));
    std::unique_ptr<IBuilder> builder = own(static_cast<IBuilder*>(made));
    return builder == nullptr ? nullptr : std::make_unique<BuilderAdapter>(std::move(builder), entries_, version_);
  }
  std::unique_ptr<trt::Runtime> createRuntime() override {
    if (entries_.createInferRuntime == nullptr) absent("Running an engine", "a TensorRT library");
    void* made = entries_.createInferRuntime(&logger(), EngineAdapter::libraryVersion(version_));
    std::unique_ptr<IRuntime> runtime = own(static_cast<IRuntime*>(made));
    return runtime == nullptr ? nullptr : std::make_unique<RuntimeAdapter>(std::move(runtime), entries_, version_);
  }
  bool initPlugins() override { return entries_.initPlugins != nullptr && entries_.initPlugins(&logger(), ""); }

 private:
  const trt::EntryPoints entries_;
  const trt::Version version_;
};

inline std::unique_ptr<trt::Library> makeLibrary(const trt::EntryPoints& entries, const trt::Version& version) {
  return std::make_unique<LibraryAdapter>(entries, version);
}

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_SHAPES_LIBRARY_H_
