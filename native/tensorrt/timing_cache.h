// SPDX-License-Identifier: Apache-2.0
// A timing cache in a file that several builds, also of several processes, read and add to. What is added is combined with
// what the file holds by then, under one lock, and put in its place as a whole.
#ifndef TENSORRT_NODE_TENSORRT_TIMING_CACHE_H_
#define TENSORRT_NODE_TENSORRT_TIMING_CACHE_H_

#include <memory>
#include <string>

#include "files.h"
#include "progress.h"
#include "tensorrt/logging.h"
#include "tensorrt/trt.h"

namespace trt {

class TimingCacheFile {
 public:
  // Where `path` is a folder, the file in it is named by `key` (library, version and device).
  TimingCacheFile(const std::string& path, const std::string& key, trtn::Progress& progress, JobLog& log);

  // Hands the file's content to the build. A file that is not there is an empty cache.
  // @throws Error(BACKEND_ENGINE): made by another version or on another device.
  void attach(BuilderConfig& config);
  // After the build. A file that cannot be written is a warning: the engine is built.
  void store(BuilderConfig& config);

  const std::string& path() const { return path_; }

 private:
  trtn::Bytes read() const;
  std::unique_ptr<TimingCache> cacheOf(BuilderConfig& config, const trtn::Bytes& bytes) const;
  void combine(BuilderConfig& config);

  const std::string path_;
  trtn::Progress& progress_;
  JobLog& log_;
  std::unique_ptr<TimingCache> cache_;  // outlives the build
};

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_TIMING_CACHE_H_
