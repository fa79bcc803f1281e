// SPDX-License-Identifier: Apache-2.0
// An execution context that belongs to no session, with memory of its own for inputs (zeros) and outputs: for measuring.
#ifndef TENSORRT_NODE_RUN_SOLO_CONTEXT_H_
#define TENSORRT_NODE_RUN_SOLO_CONTEXT_H_

#include <deque>
#include <memory>
#include <vector>

#include "json_reader.h"
#include "model.h"

namespace trt::run {

// @throws Error(BACKEND_INVALID_ARGUMENT): not a number from `least` to `most`
int integer_argument(const JsonValue& arguments, const char* key, int otherwise, int least, int most);

class SoloContext {
 public:
  // An input or output on the device.
  struct Buffer {
    const Port* port;
    void* device;
    size_t bytes;
  };
  // One set of memory for all that a run reads and writes.
  struct Buffers {
    std::vector<Buffer> inputs, outputs;
    std::deque<std::vector<char>> host;
    std::vector<DeviceMemory> owned;
  };

  // With the caller's mutex of the model held. `shapes`: { input: [dims] }, null: what the profile is optimised for.
  // @throws Error, BACKEND_UNSUPPORTED where the shape of an output depends on data
  SoloContext(Model& model, int32_t profile, const JsonValue* shapes);

  Context& context() { return *context_; }
  // Zeros, and complete when this returns.
  Buffers make_buffers();
  void use(const Buffers& buffers);
  [[noreturn]] void refuse(const std::string& what);

 private:
  void set_shapes(const JsonValue* shapes, size_t profile);
  void add(const Port& port, const Dims& dims, Buffers& to, std::vector<Buffer>& list);

  Model& model_;
  Device& device_;
  OwnedStream stream_;
  std::deque<std::vector<int64_t>> values_;  // of shape tensors
  std::deque<std::vector<int32_t>> narrow_;
  std::unique_ptr<Context> context_;  // goes first
};

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_SOLO_CONTEXT_H_
