// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "error.h"

namespace trtn {
namespace {

constexpr size_t kSlice = size_t{16} << 20;

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void unreadable(const std::string& path, const std::string& why) {
  throw Error(BACKEND_INVALID_ARGUMENT, "The file " + path + " cannot be read: " + why + ".");
}

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) unreadable(path, reason(errno));
  }
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// For kernels without memfd_create.
int open_unlinked() {
  const char* folder = "/tmp";
  const int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  char name[] = "/tmp/tensorrt-node-XXXXXX";
  const int named = mkostemp(name, O_CLOEXEC);
  if (named >= 0) unlink(name);
  return named;
}

}  // namespace

Bytes read_file(const std::string& path, Progress& progress) {
  const Descriptor file(path);
  struct stat facts{};
  if (fstat(file.get(), &facts) != 0) unreadable(path, reason(errno));
  if (!S_ISREG(facts.st_mode)) unreadable(path, S_ISDIR(facts.st_mode) ? "it is a directory" : "it is not a file");
  Bytes bytes(static_cast<size_t>(facts.st_size));
  const auto steps = static_cast<int32_t>((bytes.size() + kSlice - 1) / kSlice);
  size_t done = 0;
  while (done < bytes.size()) {
    progress.step("read", static_cast<int32_t>(done / kSlice), steps);
    progress.throw_if_cancelled();
    const ssize_t got = read(file.get(), bytes.data() + done, std::min(kSlice, bytes.size() - done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) unreadable(path, reason(errno));
    if (got == 0) unreadable(path, "it became shorter while it was read");
    done += static_cast<size_t>(got);
  }
  progress.step("read", steps, steps);
  return bytes;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

MemoryFile::MemoryFile() {
  constexpr unsigned kCloseOnExec = 1;  // MFD_CLOEXEC; by number, for a C library older than memfd_create
  fd_ = static_cast<int>(syscall(SYS_memfd_create, "tensorrt-node-build", kCloseOnExec));
  if (fd_ < 0) fd_ = open_unlinked();
  if (fd_ < 0) throw Error(BACKEND_INTERNAL, "No temporary file for the build can be made: " + reason(errno) + ".");
}

MemoryFile::~MemoryFile() {
  if (mapped_ != nullptr) munmap(mapped_, mapped_bytes_);
  close(fd_);
}

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(fd_); }

size_t MemoryFile::size() const {
  struct stat facts{};
  return fstat(fd_, &facts) == 0 ? static_cast<size_t>(facts.st_size) : 0;
}

const char* MemoryFile::map() {
  if (mapped_ != nullptr) return static_cast<const char*>(mapped_);
  mapped_bytes_ = size();
  if (mapped_bytes_ == 0) return nullptr;
  void* mapped = mmap(nullptr, mapped_bytes_, PROT_READ, MAP_SHARED, fd_, 0);
  if (mapped == MAP_FAILED)
    throw Error(BACKEND_OUT_OF_MEMORY, "The built model cannot be mapped: " + reason(errno) + ".");
  mapped_ = mapped;
  return static_cast<const char*>(mapped_);
}

}  // namespace trtn
