// SPDX-License-Identifier: Apache-2.0
#include "api.h"

#include <cstring>
#include <string>

#include "contract.h"
#include "controls.h"
#include "guard.h"
#include "model.h"
#include "session.h"

namespace trt::run {
namespace {

using trtn::answer_with;
using trtn::Error;
using trtn::guard;
using trtn::whole;

// The contract's handles are opaque, and other backends of this binary have classes of those very names.
Model& model_of(backend_engine* engine) { return *reinterpret_cast<Model*>(engine); }
Session& session_of(backend_session* session) { return *reinterpret_cast<Session*>(session); }

std::string answer(Session& session, const std::string& verb) {
  if (verb == "describe") return session.describe();
  if (verb == "reset") {
    session.reset();
    return "{}";
  }
  throw Error(BACKEND_UNSUPPORTED,
              "A session of this backend does not know the verb '" + verb + "'; it knows 'describe', 'reset'.");
}

}  // namespace

backend_status load(Flavour flavour, const backend_load_request* request, backend_engine** out,
                    backend_error* error) noexcept {
  return guard(error, [&] { *out = reinterpret_cast<backend_engine*>(new Model(flavour, whole(request))); });
}

backend_status engine_io(backend_engine* engine, const backend_io** items, size_t* count,
                         backend_error* error) noexcept {
  return guard(error, [&] {
    *items = model_of(engine).io().items().data();
    *count = model_of(engine).io().items().size();
  });
}

backend_status engine_control(backend_engine* engine, const char* verb, const char* arguments, const backend_sink* sink,
                              backend_error* error) noexcept {
  return guard(error, [&] { answer_with(sink, control(model_of(engine), verb, arguments)); });
}

void engine_free(backend_engine* engine) noexcept { delete reinterpret_cast<Model*>(engine); }

backend_status session_create(backend_engine* engine, const backend_session_request* request, backend_session** out,
                              backend_error* error) noexcept {
  return guard(error,
               [&] { *out = reinterpret_cast<backend_session*>(new Session(model_of(engine), whole(request))); });
}

backend_status session_control(backend_session* session, const char* verb, const char*, const backend_sink* sink,
                               backend_error* error) noexcept {
  return guard(error, [&] { answer_with(sink, answer(session_of(session), verb == nullptr ? "" : verb)); });
}

void session_free(backend_session* session) noexcept { delete reinterpret_cast<Session*>(session); }

void submit(backend_session* session, const backend_run* run) noexcept { session_of(session).submit(run); }

void cancel(backend_session* session, void* user) noexcept { session_of(session).cancel(user); }

void release(void* pooled) noexcept {
  auto* const block = static_cast<PinnedBlock*>(pooled);
  if (block != nullptr) block->pool->give(block);
}

backend_status host_alloc(backend_session* session, size_t bytes, void** data, backend_error* error) noexcept {
  return guard(error, [&] {
    Device& device = session_of(session).device();
    device.require_usable();
    *data = host_take(device.pinned(), bytes);
  });
}

void host_free(void* data) noexcept { host_give(data); }

}  // namespace trt::run
