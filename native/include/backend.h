// SPDX-License-Identifier: Apache-2.0
// THE contract between the addon and its inference backends (docs/architecture.md, "The seam in C").
//
// Rules, for both sides:
// - C only: opaque handles, plain structs, status codes. Nothing thrown crosses; memory is freed by the side that made it.
// - Every struct that one side fills and the other reads begins with `struct_size`, set to its sizeof by the side that
//   fills it: a newer side may append members, and reads only those the size covers. `backend_tensor` stands in arrays
//   and is therefore fixed for one major ABI; it has room to grow.
// - Numbers: int64 dimensions (-1 = free), bytes for sizes, nanoseconds for times.
// - Options are (key, value) strings. The caller has validated them; a backend still refuses a key it does not know.
// - Text that may grow (facts, probe reports) is JSON through a `backend_sink`: adding a fact changes no struct.
#ifndef TENSORRT_NODE_BACKEND_H_
#define TENSORRT_NODE_BACKEND_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BACKEND_ABI_MAJOR 1u  // a different major is refused
#define BACKEND_ABI_MINOR 0u  // a larger minor only appends
#define BACKEND_MAX_RANK 16

// Each maps to one TRT_ERR_* code (lib/backend/status.ts). Append only.
typedef enum backend_status {
  BACKEND_OK = 0,
  BACKEND_INVALID_ARGUMENT = 1,  // the caller broke this contract, or an option is unknown or out of range
  BACKEND_SHAPE = 2,             // a shape, rank or size that the engine does not take
  BACKEND_TYPE = 3,              // an element type that the engine or the backend does not take
  BACKEND_MODEL = 4,             // the model cannot be parsed, is invalid, or has an operator nobody implements
  BACKEND_ENGINE = 5,            // the payload is damaged, or was built for another version or device
  BACKEND_UNSUPPORTED = 6,       // a valid request that this backend or this library version cannot serve
  BACKEND_UNAVAILABLE = 7,       // library, driver or device missing or unusable; the message has the remedy
  BACKEND_OUT_OF_MEMORY = 8,     // host or device
  BACKEND_CANCELLED = 9,         // by cancel(), or by a progress callback that asked to stop
  BACKEND_DEADLINE = 10,         // the time budget was spent before execution began; nothing was executed
  BACKEND_CLOSED = 11,           // the session is being freed
  BACKEND_DEVICE = 12,           // execution failed; the session may be used again
  BACKEND_DEVICE_LOST = 13,      // sticky: every session on that device is lost
  BACKEND_INTERNAL = 14,
  BACKEND_STATUS_MAX = 0x7fffffff  // none: a newer side may send what this header does not know, and C++ must load it
} backend_status;

// ONNX TensorProto.DataType numbers: they are stable and may be stored in files.
typedef enum backend_type {
  BACKEND_UNDEFINED = 0,
  BACKEND_FLOAT32 = 1,
  BACKEND_UINT8 = 2,
  BACKEND_INT8 = 3,
  BACKEND_UINT16 = 4,
  BACKEND_INT16 = 5,
  BACKEND_INT32 = 6,
  BACKEND_INT64 = 7,
  BACKEND_STRING = 8,
  BACKEND_BOOL = 9,
  BACKEND_FLOAT16 = 10,
  BACKEND_FLOAT64 = 11,
  BACKEND_UINT32 = 12,
  BACKEND_UINT64 = 13,
  BACKEND_COMPLEX64 = 14,
  BACKEND_COMPLEX128 = 15,
  BACKEND_BFLOAT16 = 16,
  BACKEND_FLOAT8E4M3FN = 17,
  BACKEND_FLOAT8E4M3FNUZ = 18,
  BACKEND_FLOAT8E5M2 = 19,
  BACKEND_FLOAT8E5M2FNUZ = 20,
  BACKEND_UINT4 = 21,
  BACKEND_INT4 = 22,
  BACKEND_FLOAT4E2M1 = 23,
  BACKEND_TYPE_MAX = 0x7fffffff  // none, as above
} backend_type;

typedef struct backend_engine backend_engine;
typedef struct backend_session backend_session;

// Owned by the caller of a function. The function writes at most `capacity` bytes, always NUL-terminated, and sets
// `length` to what the whole message needs (without NUL), so that a caller can tell a cut message. Untouched on success.
typedef struct backend_error {
  size_t struct_size;
  char* message;
  size_t capacity;
  size_t length;
} backend_error;

typedef struct backend_option {
  const char* key;
  const char* value;
} backend_option;

// Receives bytes; may be called several times, in order. `data` is valid during the call only.
typedef struct backend_sink {
  void (*write)(void* user, const void* data, size_t bytes);
  void* user;
} backend_sink;

typedef enum backend_log_level {
  BACKEND_LOG_ERROR = 0,
  BACKEND_LOG_WARNING = 1,
  BACKEND_LOG_INFO = 2,
  BACKEND_LOG_VERBOSE = 3,
  BACKEND_LOG_LEVEL_MAX = 0x7fffffff  // none, as above
} backend_log_level;

// Callbacks of long calls. They may come from foreign threads, several at once, but never after the call returned.
// Each member may be null.
typedef struct backend_observer {
  size_t struct_size;
  void* user;
  // A phase begins with step 0 and ends with step == steps (which may come early); phases nest by `parent` (null: top).
  // Returns 0 to ask the call to stop: it then ends with BACKEND_CANCELLED as soon as it can.
  int32_t (*progress)(void* user, const char* phase, const char* parent, int32_t step, int32_t steps);
  // Polled by calls that have no progress to report. Non-zero: stop.
  int32_t (*cancelled)(void* user);
  void (*log)(void* user, backend_log_level level, const char* text);
} backend_observer;

// Bounds of one input in one optimization profile. `min`, `opt`, `max` have `rank` members each; for a shape tensor
// they bound its values, and `rank` counts them.
typedef struct backend_profile_range {
  const char* input;
  int32_t rank;
  int32_t is_values;
  const int64_t* min;
  const int64_t* opt;
  const int64_t* max;
} backend_profile_range;

typedef struct backend_profile {
  const backend_profile_range* ranges;
  size_t range_count;
} backend_profile;

// Weights that an ONNX model keeps outside of itself, given in memory: `location` as the model names it.
typedef struct backend_external {
  const char* location;
  const void* data;
  size_t bytes;
} backend_external;

typedef struct backend_build_request {
  size_t struct_size;
  const void* model;  // ONNX bytes; null when only `model_path` is given
  size_t model_bytes;
  const char* model_path;  // where relative external data is looked for; may be null with `model`
  const backend_external* externals;
  size_t external_count;
  const backend_profile* profiles;
  size_t profile_count;
  const backend_option* options;
  size_t option_count;
  const backend_observer* observer;  // may be null
  backend_sink payload;              // receives the engine's bytes, once the build has succeeded
  backend_sink facts;                // receives one JSON object: library versions, device, memory need …
} backend_build_request;

typedef struct backend_load_request {
  size_t struct_size;
  const void* payload;  // valid during the call only: a backend copies what it needs later
  size_t payload_bytes;
  const backend_option* options;
  size_t option_count;
  const backend_observer* observer;  // may be null
} backend_load_request;

typedef enum backend_direction { BACKEND_INPUT = 0, BACKEND_OUTPUT = 1 } backend_direction;
typedef enum backend_location { BACKEND_ON_DEVICE = 0, BACKEND_ON_HOST = 1 } backend_location;

// One input or output. Inputs and outputs are numbered separately, each from 0, in the order of `engine_io`.
typedef struct backend_io {
  size_t struct_size;
  const char* name;
  backend_direction direction;
  backend_type type;
  int32_t rank;                  // -1: not known before a run
  const int64_t* dims;           // `rank` members, -1 = free
  const char* const* dim_names;  // `rank` members, each may be null or ""; the pointer itself may be null
  backend_location location;
  int32_t is_shape;                       // a shape tensor: its values steer shapes, and are read on the host at submit
  const backend_profile_range* profiles;  // one range per optimization profile, inputs only; null: no bounds known
  size_t profile_count;
} backend_io;

typedef struct backend_session_request {
  size_t struct_size;
  int32_t lanes;  // how many runs may execute at once, >= 1
  const backend_option* options;
  size_t option_count;
  const backend_observer* observer;  // may be null
} backend_session_request;

typedef enum backend_memory {
  BACKEND_PAGEABLE = 0,     // ordinary host memory: a device backend stages it
  BACKEND_PAGE_LOCKED = 1,  // from host_alloc of the same backend: used in place
  BACKEND_POOLED = 2        // an output that the backend provides; given back through release()
} backend_memory;

// Fixed for ABI major 1: stands in arrays.
typedef struct backend_tensor {
  uint32_t index;  // which input or output
  backend_memory memory;
  int32_t rank;
  int32_t reserved0;
  int64_t dims[BACKEND_MAX_RANK];
  void* data;    // may be null when `bytes` is 0
  size_t bytes;  // input: exact size. Caller's output: capacity, then the size written
  void* pooled;  // output, memory == BACKEND_POOLED: the handle for release()
  void* reserved1[3];
} backend_tensor;

typedef struct backend_timings {
  size_t struct_size;
  uint64_t queue_ns;  // from submit until a lane took it
  uint64_t copy_in_ns;
  uint64_t compute_ns;
  uint64_t copy_out_ns;
  uint32_t copies;  // staging copies the backend made between the caller's memory and its own, both directions
  uint32_t reserved0;
} backend_timings;

// One run. The request, its arrays and all memory they point to belong to the caller and stay valid and unchanged until
// `done` is called; the backend writes only `outputs[i]` and the buffers they point to.
typedef struct backend_run {
  size_t struct_size;
  const backend_tensor* inputs;  // every input of the engine, in any order
  uint32_t input_count;
  uint32_t output_count;
  backend_tensor* outputs;  // the wanted outputs: with caller's memory (data, bytes), or BACKEND_POOLED
  int32_t lane;             // -1: any; else this lane (warm-up)
  int32_t profile;          // -1: by fit; else this optimization profile
  uint64_t budget_ns;       // 0: none; else refuse with BACKEND_DEADLINE if not begun this long after submit
  void* user;
  // Called exactly once for each submit, from any thread (the submitting one included), also on failure, cancel and
  // teardown. `message` is null on success and valid during the call only. After it the backend touches the request no more.
  void (*done)(void* user, backend_status status, const char* message, const backend_timings* timings, int32_t lane);
} backend_run;

typedef struct backend_api {
  size_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  const char* name;        // "cpu", "tensorrt", "tensorrt-rtx" …
  const char* build_info;  // compiler, date-free

  // Devices, libraries, precisions and limits as one JSON object:
  // { "usable": bool, "reason": string|null, "remedy": string|null, "version": string|null,
  //   "devices": [...], "libraries": [{ "name", "path", "version", "tried": [{ "path", "error" }] }],
  //   "precisions": [...], "limits": {...} }. May take seconds and load libraries: never on the JS thread.
  backend_status (*probe)(const backend_option* options, size_t option_count, const backend_sink* report,
                          backend_error* error);
  // Long (seconds to minutes): on a thread of its own.
  backend_status (*build)(const backend_build_request* request, backend_error* error);
  backend_status (*load)(const backend_load_request* request, backend_engine** out, backend_error* error);
  // `*items` belongs to the engine and lives as long as it.
  backend_status (*engine_io)(backend_engine* engine, const backend_io** items, size_t* count, backend_error* error);
  // What only some backends can do (layers, memory, refit, weight streaming …), by verb; JSON in (may be null) and out.
  // Every backend serves "describe": one JSON object of facts. An unknown verb is BACKEND_UNSUPPORTED. A session's
  // "describe" is also asked on the JS thread, with runs in flight: it waits for nothing that waits for a device.
  backend_status (*engine_control)(backend_engine* engine, const char* verb, const char* arguments,
                                   const backend_sink* answer, backend_error* error);
  // Only after every session of the engine has been freed. May block: never on the JS thread.
  void (*engine_free)(backend_engine* engine);

  backend_status (*session_create)(backend_engine* engine, const backend_session_request* request,
                                   backend_session** out, backend_error* error);
  backend_status (*session_control)(backend_session* session, const char* verb, const char* arguments,
                                    const backend_sink* answer, backend_error* error);
  // Drains: every submitted run has had its `done` when this returns. Never on the JS thread.
  void (*session_free)(backend_session* session);

  // Returns at once and never blocks on a device; every outcome, refusal included, comes through `done`.
  void (*submit)(backend_session* session, const backend_run* run);
  // Best effort, by the `user` of the run; `done` still comes. Unknown users are ignored. Non-blocking.
  void (*cancel)(backend_session* session, void* user);
  // Gives a pooled output back. Any thread, also after session_free and engine_free.
  void (*release)(void* pooled);

  // Page-locked memory where there is a device, aligned pages elsewhere. Zero-filled. Any thread; it may outlive the session.
  backend_status (*host_alloc)(backend_session* session, size_t bytes, void** data, backend_error* error);
  void (*host_free)(void* data);
} backend_api;

// The one symbol a backend in a shared library exports. Null: `abi_major` is not served. The table is static.
typedef const backend_api* (*backend_get_api_fn)(uint32_t abi_major);
#define BACKEND_GET_API_SYMBOL "backend_get_api"

#ifdef __cplusplus
}
#endif

#endif  // TENSORRT_NODE_BACKEND_H_
