// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/timing_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "tensorrt/unusable.h"

namespace trt {
namespace {

constexpr std::chrono::milliseconds kRetry(20);

std::string reason() { return std::generic_category().message(errno); }

class File {
 public:
  File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) throw Error(BACKEND_INVALID_ARGUMENT, "The file " + path + " cannot be opened: " + reason() + ".");
  }
  ~File() { close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

// Beside the cache, and never deleted: a lock on a file that is renamed over holds nothing.
class FileLock {
 public:
  FileLock(const std::string& path, trtn::Progress& progress) : file_(path + ".lock", O_CREAT | O_RDWR) {
    while (flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) {
        throw Error(BACKEND_INVALID_ARGUMENT, "The file " + path + ".lock cannot be locked: " + reason() + ".");
      }
      progress.throw_if_cancelled();
      std::this_thread::sleep_for(kRetry);
    }
  }  // closing the file unlocks it

 private:
  const File file_;
};

void writeWhole(const std::string& path, const Blob& blob) {
  const std::string temporary = path + "." + std::to_string(getpid()) + ".tmp";
  {
    const File file(temporary, O_CREAT | O_TRUNC | O_WRONLY);
    const char* at = static_cast<const char*>(blob.data());
    size_t left = blob.size();
    while (left > 0) {
      const ssize_t done = write(file.get(), at, left);
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) throw Error(BACKEND_INTERNAL, temporary + " cannot be written: " + reason() + ".");
      at += done;
      left -= static_cast<size_t>(done);
    }
    if (fsync(file.get()) != 0) throw Error(BACKEND_INTERNAL, temporary + " cannot be written: " + reason() + ".");
  }
  if (rename(temporary.c_str(), path.c_str()) == 0) return;
  const std::string why = reason();
  unlink(temporary.c_str());
  throw Error(BACKEND_INTERNAL, path + " cannot be replaced: " + why + ".");
}

bool isFolder(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

std::string fileFor(const std::string& path, const std::string& key) {
  if (!isFolder(path)) return path;
  std::string name = key;
  for (char& c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
    if (!plain) c = '-';
  }
  return (path.back() == '/' ? path : path + "/") + name + ".timing";
}

}  // namespace

TimingCacheFile::TimingCacheFile(const std::string& path, const std::string& key, trtn::Progress& progress, JobLog& log)
    : path_(fileFor(path, key)), progress_(progress), log_(log) {}

trtn::Bytes TimingCacheFile::read() const {
  if (access(path_.c_str(), F_OK) != 0 && errno == ENOENT) return {};
  trtn::Progress silent(nullptr);
  return trtn::read_file(path_, silent);
}

std::unique_ptr<TimingCache> TimingCacheFile::cacheOf(BuilderConfig& config, const trtn::Bytes& bytes) const {
  log_.forgetErrors();
  auto cache = config.createTimingCache(bytes.data(), bytes.size());
  const std::vector<std::string> warnings = log_.warnings();
  // Of what it cannot read, TensorRT makes an empty cache, and only says so.
  const bool emptied = std::any_of(warnings.begin(), warnings.end(), [](const std::string& warning) {
    return warning.find("Failed to deserialize timing cache") != std::string::npos;
  });
  if (cache != nullptr && !emptied) return cache;
  throw Error(BACKEND_ENGINE, "The timing cache " + path_ +
                                  " cannot be read by this library; delete it, or name another file. " +
                                  log_.why("TensorRT gave no reason."));
}

void TimingCacheFile::attach(BuilderConfig& config) {
  {
    const FileLock lock(path_, progress_);
    cache_ = cacheOf(config, read());
  }
  // Never with a mismatch ignored: timings of another device make slow engines, and by NVIDIA's word wrong ones.
  if (config.setTimingCache(*cache_, /* ignoreMismatch = */ false)) return;
  throw Error(BACKEND_ENGINE, "The timing cache " + path_ +
                                  " was made by another version or on another device; delete it, or name another file "
                                  "or a folder, where each has its own. " +
                                  log_.why("TensorRT gave no reason."));
}

void TimingCacheFile::combine(BuilderConfig& config) {
  const FileLock lock(path_, progress_);
  const trtn::Bytes now = read();
  std::unique_ptr<TimingCache> merged;
  if (!now.empty()) {  // what others added while this build ran
    merged = cacheOf(config, now);
    if (!merged->combine(*cache_, /* ignoreMismatch = */ false)) {
      throw Error(BACKEND_ENGINE, path_ + " was replaced meanwhile by one of another version or device.");
    }
  }
  const std::unique_ptr<Blob> blob = (merged == nullptr ? *cache_ : *merged).serialize();
  if (blob == nullptr) throw Error(BACKEND_INTERNAL, "the cache cannot be serialised.");
  writeWhole(path_, *blob);
}

void TimingCacheFile::store(BuilderConfig& config) {
  try {
    combine(config);
  } catch (const Error& error) {
    if (error.status() == BACKEND_CANCELLED) throw;
    log_.note(BACKEND_LOG_WARNING, std::string("The timing cache was not stored: ") + error.what());
  }
}

}  // namespace trt
