// SPDX-License-Identifier: Apache-2.0
// process.exit() and uncaught errors end in exit(): the destructors of every loaded library run while our threads still
// do. The guard stops them first.
#ifndef TENSORRT_NODE_COMMON_EXIT_GUARD_H_
#define TENSORRT_NODE_COMMON_EXIT_GUARD_H_

namespace trtn {

class ExitGuarded {
 public:
  virtual ~ExitGuarded() = default;
  // Interrupts what runs and begins nothing new. Never waits.
  virtual void freeze() noexcept = 0;
  // Whether nothing runs any more.
  virtual bool idle() noexcept = 0;
};

class ExitGuard {
 public:
  // Call after loading a library whose code our threads run in: handlers run in reverse order, so that the guard acts
  // before that library's destructors.
  static void arm() noexcept;
  static void watch(ExitGuarded* guarded);
  static void forget(ExitGuarded* guarded);
};

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_EXIT_GUARD_H_
