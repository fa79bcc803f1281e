// SPDX-License-Identifier: Apache-2.0
#include "cache_file.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "error.h"

namespace trt::run {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& temporary) {
  const std::string reason = std::strerror(errno);
  (void)std::remove(temporary.c_str());
  throw trtn::Error(BACKEND_INVALID_ARGUMENT, "The cache " + path + " cannot be written: " + reason + ".");
}

}  // namespace

std::vector<char> read_cache_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<char>(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

void write_cache_file(const std::string& path, const void* data, size_t bytes) {
  static std::atomic<unsigned> number{0};
  const std::string temporary = path + "." + std::to_string(getpid()) + "." + std::to_string(++number) + ".tmp";
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
  file.close();
  if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) fail(path, temporary);
}

}  // namespace trt::run
