// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/libraries.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "exit_guard.h"
#include "tensorrt/elf.h"
#include "tensorrt/text.h"

namespace trt {
namespace {

constexpr char kInstall[] =
    "Install it (pip: tensorrt-cu13; apt: libnvinfer11 and libnvonnxparsers11), or give the path of its libnvinfer.so; "
    "'tensorrt-node doctor' shows where it was looked for.";
constexpr char kInstallRtx[] =
    "Install it (pip: tensorrt-rtx-cu13-libs, or NVIDIA's archive), or give the path of its libtensorrt_rtx.so; "
    "'tensorrt-node doctor' shows where it was looked for.";
constexpr int kOldestMajor = 10;  // of TensorRT; RTX counts from 1

std::string fileOf(void* handle, const std::string& otherwise) {
  link_map* map = nullptr;
  const bool known = dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr && map->l_name[0] != '\0';
  return known ? map->l_name : otherwise;
}

// dlerror() begins with the path, which stands beside it already.
std::string loaderError(const std::string& path) {
  const char* const text = dlerror();
  const std::string other = otherMachine(path);
  if (!other.empty()) return other;
  const std::string error = text == nullptr ? "it cannot be loaded" : text;
  const bool repeats = error.compare(0, path.size(), path) == 0 && error.compare(path.size(), 2, ": ") == 0;
  return repeats ? error.substr(path.size() + 2) : error;
}

template <typename Function>
void bind(const Loaded& library, const char* symbol, Function& entry) {
  if (library.handle != nullptr) entry = reinterpret_cast<Function>(dlsym(library.handle, symbol));
}

int ask(const Loaded& library, const char* symbol) {
  int (*function)() = nullptr;
  bind(library, symbol, function);
  return function == nullptr ? 0 : function();
}

bool has(const Loaded& library, const char* symbol) { return dlsym(library.handle, symbol) != nullptr; }

// TensorRT before 10 has getInferLibVersion alone, and counts differently in it.
Version versionOf(const Loaded& nvinfer) {
  Version version;
  version.major = ask(nvinfer, "getInferLibMajorVersion");
  version.minor = ask(nvinfer, "getInferLibMinorVersion");
  version.patch = ask(nvinfer, "getInferLibPatchVersion");
  version.build = ask(nvinfer, "getInferLibBuildVersion");
  if (version.major == 0) {
    const int old = ask(nvinfer, "getInferLibVersion");
    version = {old / 1000, old / 100 % 10, old % 100, 0, false};
  }
  // Its own count began at 1; a later one than any we know still has the name.
  version.rtx = (version.major > 0 && version.major < 5) || nvinfer.path.find("tensorrt_rtx") != std::string::npos;
  return version;
}

EntryPoints entriesOf(const Loaded& nvinfer, const Loaded& parser, const Loaded& plugin) {
  EntryPoints entries;
  bind(nvinfer, "createInferBuilder_INTERNAL", entries.createInferBuilder);
  bind(nvinfer, "createInferRuntime_INTERNAL", entries.createInferRuntime);
  bind(nvinfer, "createInferRefitter_INTERNAL", entries.createInferRefitter);
  bind(nvinfer, "getPluginRegistry", entries.pluginRegistry);
  bind(parser, "createNvOnnxParser_INTERNAL", entries.createParser);
  bind(parser, "createNvOnnxParserRefitter_INTERNAL", entries.createParserRefitter);
  bind(plugin, "initLibNvInferPlugins", entries.initPlugins);
  return entries;
}

std::string withoutStop(std::string text) {
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

// What failed in the same way stands together: where nothing is installed, the loader says the same of every name.
std::string listOf(const std::vector<Tried>& tried) {
  std::vector<std::pair<std::string, std::string>> groups;  // error, paths
  for (const Tried& one : tried) {
    const auto same = [&](const auto& group) { return group.first == one.error; };
    const auto known = std::find_if(groups.begin(), groups.end(), same);
    if (known == groups.end()) {
      groups.emplace_back(one.error, one.path);
    } else {
      known->second += ", " + one.path;
    }
  }
  std::string text;
  for (const auto& [error, paths] : groups) text += (text.empty() ? ": " : "; ") + paths + " (" + error + ")";
  return text;
}

namespace {

void refuseFlavour(Flavour wanted, const Version& version) {
  if (version.rtx == (wanted == Flavour::kRtx)) return;
  const Flavour found = version.rtx ? Flavour::kRtx : Flavour::kEnterprise;
  throw Unusable(std::string("it is ") + titleOf(found) + " " + textOf(version) + ", which the backend '" +
                     nameOf(wanted) + "' does not drive",
                 std::string("Use the backend '") + nameOf(found) + "' for it.");
}

// Reasons without a full stop: they stand in lists.
Shape shapeFor(Flavour flavour, const Loaded& nvinfer, const Version& version, bool tryUnknown) {
  if (!has(nvinfer, "getInferLibVersion")) {
    throw Unusable("it has no function getInferLibVersion, so it is not TensorRT",
                   flavour == Flavour::kRtx ? kInstallRtx : kInstall);
  }
  refuseFlavour(flavour, version);
  if (flavour == Flavour::kEnterprise && version.major < kOldestMajor) {
    throw Unusable("it is TensorRT " + textOf(version) + ", which is too old: 10.0 or newer is needed", kInstall);
  }
  if (!has(nvinfer, "createInferRuntime_INTERNAL")) {
    throw Unusable("it has no function createInferRuntime_INTERNAL, so it cannot run engines",
                   flavour == Flavour::kRtx ? kInstallRtx : kInstall);
  }
  try {
    return shapeOf(version, tryUnknown);
  } catch (const Error& unknown) {
    throw Unusable(withoutStop(unknown.what()), "");
  }
}

}  // namespace

const char* nameOf(Flavour flavour) { return flavour == Flavour::kRtx ? "tensorrt-rtx" : "tensorrt"; }
const char* titleOf(Flavour flavour) { return flavour == Flavour::kRtx ? "TensorRT-RTX" : "TensorRT"; }

std::string textOf(const Version& version) {
  std::string text = std::to_string(version.major) + '.' + std::to_string(version.minor);
  text += '.' + std::to_string(version.patch);
  return version.build == 0 ? text : text + '.' + std::to_string(version.build);
}

Candidates readCandidates(trtn::OptionReader& options) {
  Candidates candidates;
  candidates.cudart = splitText(options.find("cudart"), '\n');
  candidates.nvinfer = splitText(options.find("nvinfer"), '\n');
  candidates.parser = splitText(options.find("nvonnxparser"), '\n');
  candidates.plugin = splitText(options.find("nvinferPlugin"), '\n');
  candidates.tryUnknownVersion = options.flag("tryUnknownVersion", false);
  return candidates;
}

Loaded loadFirst(const char* name, const std::vector<std::string>& candidates, const Objection& objection) {
  Loaded result;
  result.name = name;
  for (const std::string& candidate : candidates) {
    // LOCAL: several TensorRTs may live in one process. Those that need each other (the parser needs nvinfer) find the one
    // that is loaded already by its soname, whatever folder it came from. NOW: what is missing shows here.
    const trtn::ExitGuard::Loading loading;
    void* const handle = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      result.tried.push_back({candidate, loaderError(candidate)});
      continue;
    }
    result.handle = handle;
    result.path = fileOf(handle, candidate);
    const std::string why = objection ? objection(result) : "";
    if (why.empty()) return result;
    result.tried.push_back({candidate, why});
    result.handle = nullptr;
    result.path.clear();
  }
  return result;
}

Libraries::Libraries(Flavour flavour, std::string nvinfer, const EntryPoints& entries, std::unique_ptr<Library> library)
    : flavour_(flavour), nvinfer_(std::move(nvinfer)), entries_(entries), library_(std::move(library)) {}

// Keyed by the parser too: a process that first only ran may build later.
Libraries& Libraries::shared(Flavour flavour, const Report& report, Shape shape) {
  static auto* const mutex = new std::mutex;
  static auto* const known = new std::map<std::string, Libraries*>;
  const std::lock_guard<std::mutex> lock(*mutex);
  Libraries*& slot = (*known)[report.nvinfer.path + '\n' + report.parser.path + '\n' + report.plugin.path];
  if (slot == nullptr) {
    const EntryPoints entries = entriesOf(report.nvinfer, report.parser, report.plugin);
    slot = new Libraries(flavour, report.nvinfer.path, entries, makeLibrary(shape, entries, report.version));
  }
  return *slot;
}

// Parser and plugins of another major drive another vtable.
Objection companionOf(const Version& version) {
  return [major = version.major](const Loaded& library) -> std::string {
    const int own = majorOf(library.handle, library.path);
    if (own == 0 || own == major) return "";
    return "it belongs to version " + std::to_string(own) + ", and the library of TensorRT is version " +
           std::to_string(major);
  };
}

Libraries::Report Libraries::look(Flavour flavour, const Candidates& candidates) {
  const std::string title = titleOf(flavour);
  Report report;
  report.parser.name = "nvonnxparser";
  report.plugin.name = "nvinferPlugin";
  report.reason = "No library of " + title + " was found.";
  report.remedy = flavour == Flavour::kRtx ? kInstallRtx : kInstall;
  Shape shape = Shape::k10;
  report.nvinfer = loadFirst("nvinfer", candidates.nvinfer, [&](const Loaded& nvinfer) -> std::string {
    try {
      const Version version = versionOf(nvinfer);
      shape = shapeFor(flavour, nvinfer, version, candidates.tryUnknownVersion);
      report.version = version;
      return "";
    } catch (const Unusable& unusable) {
      report.remedy = unusable.remedy();
      return unusable.reason();
    }
  });
  if (report.nvinfer.handle == nullptr) {
    if (!candidates.nvinfer.empty()) {
      report.reason = "No library of " + title + " could be used" + listOf(report.nvinfer.tried) + ".";
    }
    return report;
  }
  report.nvinfer.version = textOf(report.version);
  // After nvinfer, which they need.
  report.parser = loadFirst("nvonnxparser", candidates.parser, companionOf(report.version));
  report.plugin = loadFirst("nvinferPlugin", candidates.plugin, companionOf(report.version));
  const int parserVersion = report.parser.handle == nullptr ? 0 : ask(report.parser, "getNvOnnxParserVersion");
  if (parserVersion > 0) report.parser.version = std::to_string(parserVersion);
  report.libraries = &shared(flavour, report, shape);
  report.reason.clear();
  report.remedy.clear();
  return report;
}

Libraries& Libraries::open(Flavour flavour, const Candidates& candidates) {
  const Report report = look(flavour, candidates);
  if (report.libraries == nullptr) throw Unusable(report.reason, report.remedy);
  return *report.libraries;
}

}  // namespace trt
