// SPDX-License-Identifier: Apache-2.0
#include "cpu_backend.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "build.h"
#include "contract.h"
#include "engine.h"
#include "error.h"
#include "guard.h"
#include "lane.h"
#include "ort_library.h"
#include "probe.h"

namespace {

using trtn::answer_with;
using trtn::Error;
using trtn::guard;
using trtn::whole;

void answer_describe(const char* verb, const std::string& facts, const backend_sink* answer) {
  if (verb == nullptr || std::strcmp(verb, "describe") != 0) {
    throw Error(BACKEND_UNSUPPORTED, std::string("The CPU backend does not know the verb '") +
                                         (verb == nullptr ? "" : verb) + "'; it knows 'describe'.");
  }
  answer_with(answer, facts);
}

backend_status probe(const backend_option* options, size_t count, const backend_sink* out, backend_error* error) {
  return guard(error, [&] { answer_with(out, trtn::cpu::probe(options, count)); });
}

backend_status build(const backend_build_request* request, backend_error* error) {
  return guard(error, [&] { trtn::cpu::build(whole(request)); });
}

backend_status load(const backend_load_request* request, backend_engine** out, backend_error* error) {
  return guard(error, [&] { *out = new backend_engine(whole(request)); });
}

backend_status engine_io(backend_engine* engine, const backend_io** items, size_t* count, backend_error* error) {
  return guard(error, [&] {
    *items = engine->io().items().data();
    *count = engine->io().items().size();
  });
}

backend_status engine_control(backend_engine* engine, const char* verb, const char*, const backend_sink* answer,
                              backend_error* error) {
  return guard(error, [&] { answer_describe(verb, engine->facts(), answer); });
}

void engine_free(backend_engine* engine) { delete engine; }

backend_status session_create(backend_engine* engine, const backend_session_request* request, backend_session** out,
                              backend_error* error) {
  return guard(error, [&] { *out = engine->create_session(whole(request)).release(); });
}

backend_status session_control(backend_session* session, const char* verb, const char*, const backend_sink* answer,
                               backend_error* error) {
  return guard(error, [&] { answer_describe(verb, session->describe(), answer); });
}

void session_free(backend_session* session) { delete session; }
void submit(backend_session* session, const backend_run* run) { session->lanes().submit(run); }
void cancel(backend_session* session, void* user) { session->lanes().cancel(user); }
void release(void* pooled) { trtn::cpu::release_pooled(pooled); }

size_t physical_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<size_t>(pages) * static_cast<size_t>(page) : SIZE_MAX;
}

backend_status host_alloc(backend_session*, size_t bytes, void** data, backend_error* error) {
  return guard(error, [&] {
    constexpr size_t kPage = 4096;
    void* memory = nullptr;
    // More than there is: the kernel might promise it, and kill the process when it is touched.
    if (bytes > physical_memory() || posix_memalign(&memory, kPage, bytes == 0 ? kPage : bytes) != 0) {
      throw Error(BACKEND_OUT_OF_MEMORY, "The host has no memory for a buffer of " + std::to_string(bytes) + " bytes.");
    }
    *data = std::memset(memory, 0, bytes);
  });
}

void host_free(void* data) { std::free(data); }

constexpr backend_api kApi = {sizeof(backend_api),
                              BACKEND_ABI_MAJOR,
                              BACKEND_ABI_MINOR,
                              "cpu",
                              "C++17, compiler " __VERSION__,
                              probe,
                              build,
                              load,
                              engine_io,
                              engine_control,
                              engine_free,
                              session_create,
                              session_control,
                              session_free,
                              submit,
                              cancel,
                              release,
                              host_alloc,
                              host_free};

}  // namespace

extern "C" const backend_api* trtn_cpu_get_api(uint32_t abi_major) {
  trtn::cpu::disable_telemetry();
  return abi_major == BACKEND_ABI_MAJOR ? &kApi : nullptr;
}
