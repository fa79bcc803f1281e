// SPDX-License-Identifier: Apache-2.0
// process.exit() and uncaught errors end in exit(): the destructors of every loaded library run while our threads still
// do. The guard stops them first; where one cannot be stopped in time, the process ends without destructors.
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
  // The JS thread of the process, when it is about to end it ('exit' of process). Waits for a library that is just being
  // loaded, lets no other begin, and arms: whatever the libraries have registered by then, the guard acts before it.
  static void about_to_exit() noexcept;

  // While it lives, this thread is loading a library: its destructors are registered, and the guard is not armed yet. In a
  // process that is about to exit, the constructor never returns.
  class Loading {
   public:
    Loading();
    ~Loading();
    Loading(const Loading&) = delete;
    Loading& operator=(const Loading&) = delete;
  };

  static void watch(ExitGuarded* guarded);
  static void forget(ExitGuarded* guarded);
};

}  // namespace trtn

#endif  // TENSORRT_NODE_COMMON_EXIT_GUARD_H_
