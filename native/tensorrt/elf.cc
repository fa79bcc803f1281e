// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/elf.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace trt {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kOwn = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kOwn = EM_AARCH64;
#else
constexpr uint16_t kOwn = EM_NONE;  // not one that TensorRT exists for: nothing is said
#endif

std::string nameOf(uint16_t machine) {
  if (machine == EM_X86_64) return "x86-64";
  if (machine == EM_AARCH64) return "aarch64";
  return machine == EM_386 ? "x86 (32 bits)" : "another architecture (ELF machine " + std::to_string(machine) + ")";
}

int majorIn(const char* name) {
  const char* const number = std::strstr(name, ".so.");
  return number == nullptr ? 0 : std::atoi(number + 4);
}

}  // namespace

std::string otherMachine(const std::string& path) {
  if (path.empty() || path[0] != '/' || kOwn == EM_NONE) return "";
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  ElfW(Ehdr) header{};  // e_machine stands in the same place in ELF of 32 and of 64 bits
  const ssize_t got = read(fd, &header, sizeof header);
  close(fd);
  const bool elf = got == static_cast<ssize_t>(sizeof header) && std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0;
  if (!elf || header.e_machine == kOwn) return "";
  return "it is built for " + nameOf(header.e_machine) + ", and this process is " + nameOf(kOwn);
}

int majorOf(void* handle, const std::string& path) {
  const int named = majorIn(path.c_str());
  link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr || map->l_ld == nullptr) return named;
  const char* strings = nullptr;
  size_t offset = 0;
  for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; ++entry) {
    // glibc has relocated this pointer in place.
    if (entry->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(entry->d_un.d_ptr);
    if (entry->d_tag == DT_SONAME) offset = entry->d_un.d_val;
  }
  const int own = strings == nullptr || offset == 0 ? 0 : majorIn(strings + offset);
  return own != 0 ? own : named;
}

}  // namespace trt
