// SPDX-License-Identifier: Apache-2.0
// Files as the build needs them: whole ones read, and one that exists in memory only.
#ifndef TENSORRT_NODE_COMMON_FILES_H_
#define TENSORRT_NODE_COMMON_FILES_H_

#include <string>
#include <vector>

#include "progress.h"

namespace trtn {

using Bytes = std::vector<char>;

// Read, not mapped: a file that another process cuts short must not end in SIGBUS. Reports the phase "read".
Bytes read_file(const std::string& path, Progress& progress);
// "" when there is no folder part.
std::string folder_of(const std::string& path);

// A nameless file under a path that a library can open: nothing is left behind by a crash or an interrupt.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const;
  size_t size() const;
  // Maps what has been written until now, once; valid as long as *this.
  const char* map();

 private:
  int fd_;
  void* mapped_ = nullptr;
  size_t mapped_bytes_ = 0;
};

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_FILES_H_
