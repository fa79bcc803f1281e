// SPDX-License-Identifier: Apache-2.0
// The shared libraries of a TensorRT, found by TypeScript and loaded here. Candidates come as options, best first, one
// absolute path or soname a line; each that could not be loaded is kept with the reason. Nothing is ever unloaded: the
// libraries' threads and thread-local state do not survive that.
#ifndef TENSORRT_NODE_TENSORRT_LIBRARIES_H_
#define TENSORRT_NODE_TENSORRT_LIBRARIES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "options.h"
#include "tensorrt/trt.h"
#include "tensorrt/unusable.h"

namespace trt {

enum class Flavour { kEnterprise, kRtx };

const char* nameOf(Flavour flavour);   // "tensorrt", "tensorrt-rtx": the backend's name
const char* titleOf(Flavour flavour);  // "TensorRT", "TensorRT-RTX"
std::string textOf(const Version& version);

// The options `cudart`, `nvinfer`, `nvonnxparser`, `nvinferPlugin` (candidates) and `tryUnknownVersion`. Every call of the
// backend takes them: probe, build, load.
struct Candidates {
  std::vector<std::string> cudart;
  std::vector<std::string> nvinfer;
  std::vector<std::string> parser;
  std::vector<std::string> plugin;
  bool tryUnknownVersion = false;
};
Candidates readCandidates(trtn::OptionReader& options);

struct Tried {
  std::string path;
  std::string error;
};

std::string listOf(const std::vector<Tried>& tried);  // ": PATH (ERROR); …", or ""

// One library: loaded, or not, and then `tried` says why. `handle` is dlopen's.
struct Loaded {
  std::string name;  // "nvinfer", "nvonnxparser" …
  void* handle = nullptr;
  std::string path;     // the file, also where a soname was given
  std::string version;  // "" where the library tells none
  std::vector<Tried> tried;
};

// "": take it. Else why not: the next candidate is tried.
using Objection = std::function<std::string(const Loaded& library)>;

Loaded loadFirst(const char* name, const std::vector<std::string>& candidates, const Objection& objection = {});

// TensorRT, its parser and its plugins, driven in the shape of their version. One for each set of paths and process, leaked.
class Libraries {
 public:
  // Loads; touches neither CUDA nor a driver, and calls of TensorRT nothing but its version functions.
  // @throws Unusable: no candidate loads, or what loads is another product or version than this backend drives.
  static Libraries& open(Flavour flavour, const Candidates& candidates);
  // As open(), but what failed is in the result: nvinfer() says what was tried, `failure` why it is unusable (or is empty).
  struct Report;
  static Report look(Flavour flavour, const Candidates& candidates);

  Library& library() const { return *library_; }
  const Version& version() const { return library_->version(); }
  Flavour flavour() const { return flavour_; }
  const std::string& path() const { return nvinfer_; }
  bool hasBuilder() const { return entries_.createInferBuilder != nullptr; }  // not in lean and dispatch runtimes
  bool hasParser() const { return entries_.createParser != nullptr; }
  bool hasPlugins() const { return entries_.initPlugins != nullptr; }

 private:
  Libraries(Flavour flavour, std::string nvinfer, const EntryPoints& entries, std::unique_ptr<Library> library);
  static Libraries& shared(Flavour flavour, const Report& report, Shape shape);

  const Flavour flavour_;
  const std::string nvinfer_;
  const EntryPoints entries_;
  const std::unique_ptr<Library> library_;
};

struct Libraries::Report {
  Libraries* libraries = nullptr;  // null: unusable
  std::string reason;
  std::string remedy;
  Version version;
  Loaded nvinfer;
  Loaded parser;
  Loaded plugin;
};

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_LIBRARIES_H_
