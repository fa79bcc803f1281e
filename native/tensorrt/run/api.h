// SPDX-License-Identifier: Apache-2.0
// The running half of the backend's table (backend.h): loading, engines, sessions, runs, memory. Signatures are the
// contract's; nothing is thrown.
#ifndef TENSORRT_NODE_RUN_API_H_
#define TENSORRT_NODE_RUN_API_H_

#include "../libraries.h"
#include "backend.h"

namespace trt::run {

backend_status load(Flavour flavour, const backend_load_request* request, backend_engine** out,
                    backend_error* error) noexcept;
backend_status engine_io(backend_engine* engine, const backend_io** items, size_t* count,
                         backend_error* error) noexcept;
backend_status engine_control(backend_engine* engine, const char* verb, const char* arguments,
                              const backend_sink* answer, backend_error* error) noexcept;
void engine_free(backend_engine* engine) noexcept;
backend_status session_create(backend_engine* engine, const backend_session_request* request, backend_session** out,
                              backend_error* error) noexcept;
backend_status session_control(backend_session* session, const char* verb, const char* arguments,
                               const backend_sink* answer, backend_error* error) noexcept;
void session_free(backend_session* session) noexcept;
void submit(backend_session* session, const backend_run* run) noexcept;
void cancel(backend_session* session, void* user) noexcept;
void release(void* pooled) noexcept;
backend_status host_alloc(backend_session* session, size_t bytes, void** data, backend_error* error) noexcept;
void host_free(void* data) noexcept;

}  // namespace trt::run

#endif  // TENSORRT_NODE_RUN_API_H_
