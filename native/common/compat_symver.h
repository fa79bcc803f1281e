// SPDX-License-Identifier: Apache-2.0
// Keeps a binary built on a new distribution loadable on an old one: glibc 2.28 and libstdc++ of GCC 8, which is what
// Node 20 itself needs. Included before everything else by the compiler's -include flag; scripts/check-binary.ts measures
// what is left. Static libstdc++ is no way out: on a new distribution it needs a newer glibc than all of the below.
#ifndef TENSORRT_NODE_COMPAT_SYMVER_H_
#define TENSORRT_NODE_COMPAT_SYMVER_H_

#include <features.h>

#if defined(__cplusplus) && defined(__GLIBC__) && __GLIBC_PREREQ(2, 32) && !defined(TENSORRT_NODE_NO_COMPAT)

// 1. Functions that glibc 2.32 to 2.34 gave a new version without changing them, mostly by moving libpthread and libdl
//    into libc. The assembler ignores a directive whose symbol the file does not use.
#if defined(__x86_64__)  // the versions in which each of them first appeared
#define TENSORRT_NODE_2_2_5 "GLIBC_2.2.5"
#define TENSORRT_NODE_2_3_3 "GLIBC_2.3.3"
#define TENSORRT_NODE_2_3_4 "GLIBC_2.3.4"
#define TENSORRT_NODE_2_12 "GLIBC_2.12"
#elif defined(__aarch64__)  // glibc's first release for it
#define TENSORRT_NODE_2_2_5 "GLIBC_2.17"
#define TENSORRT_NODE_2_3_3 "GLIBC_2.17"
#define TENSORRT_NODE_2_3_4 "GLIBC_2.17"
#define TENSORRT_NODE_2_12 "GLIBC_2.17"
#endif

#if defined(TENSORRT_NODE_2_2_5)
#define TENSORRT_NODE_SYMVER(name, version) __asm__(".symver " #name "," #name "@" version)
TENSORRT_NODE_SYMVER(dladdr, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(dlclose, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(dlerror, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(dlopen, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(dlsym, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_attr_getstack, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_attr_setguardsize, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_attr_setstacksize, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_create, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_detach, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_getattr_np, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_getspecific, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_join, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_key_create, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_key_delete, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_kill, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_mutex_timedlock, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_mutex_trylock, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_mutexattr_destroy, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_mutexattr_init, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_mutexattr_settype, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_once, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_rwlock_destroy, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_rwlock_init, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_rwlock_rdlock, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_rwlock_tryrdlock, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_rwlock_trywrlock, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_rwlock_unlock, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_rwlock_wrlock, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_setspecific, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(pthread_sigmask, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(sem_destroy, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(sem_init, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(sem_post, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(sem_timedwait, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(sem_trywait, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(sem_wait, TENSORRT_NODE_2_2_5);
TENSORRT_NODE_SYMVER(dlinfo, TENSORRT_NODE_2_3_3);
TENSORRT_NODE_SYMVER(pthread_getaffinity_np, TENSORRT_NODE_2_3_4);
TENSORRT_NODE_SYMVER(pthread_setaffinity_np, TENSORRT_NODE_2_3_4);
TENSORRT_NODE_SYMVER(pthread_getname_np, TENSORRT_NODE_2_12);
TENSORRT_NODE_SYMVER(pthread_setname_np, TENSORRT_NODE_2_12);
// std::condition_variable::wait: the same function, exported anew by GCC 12.
TENSORRT_NODE_SYMVER(_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE, "GLIBCXX_3.4.11");
#endif

// glibc 2.33 made fstat a function; before, it was this one behind an inline.
#include <sys/stat.h>
#if defined(TENSORRT_NODE_2_2_5) && __GLIBC_PREREQ(2, 33)
extern "C" int __fxstat64(int version, int fd, void* facts) noexcept;
TENSORRT_NODE_SYMVER(__fxstat64, TENSORRT_NODE_2_2_5);
namespace tensorrt_node_compat {
#if defined(__x86_64__)
inline constexpr int stat_version = 1;
#else
inline constexpr int stat_version = 0;
#endif
inline int fstat(int fd, struct stat* facts) noexcept { return __fxstat64(stat_version, fd, facts); }
}  // namespace tensorrt_node_compat
#define fstat(fd, facts) ::tensorrt_node_compat::fstat(fd, facts)
#endif

// 2. shared_ptr asks glibc 2.32's __libc_single_threaded whether it may count without atomics. Never: we have threads.
#include <sys/single_threaded.h>
namespace tensorrt_node_compat {
inline constexpr char not_single_threaded = 0;
}
using tensorrt_node_compat::not_single_threaded;
#define __libc_single_threaded not_single_threaded

// 3. Timed waits would call pthread_cond_clockwait (glibc 2.30); without it libstdc++ waits on the system clock and asks
//    the steady one again after each wake-up, so that a clock set back can only lengthen one wait.
#include <bits/c++config.h>
#undef _GLIBCXX_USE_PTHREAD_COND_CLOCKWAIT
#undef _GLIBCXX_USE_PTHREAD_MUTEX_CLOCKLOCK
#undef _GLIBCXX_USE_PTHREAD_RWLOCK_CLOCKLOCK

// 4. std::allocator throws through a function that GCC 11 added to libstdc++: ours is taken first and does the same.
#include <new>
namespace std {
[[noreturn]] inline void __throw_bad_array_new_length() { throw bad_array_new_length(); }
}  // namespace std

#endif  // __cplusplus && __GLIBC__
#endif  // TENSORRT_NODE_COMPAT_SYMVER_H_
