// SPDX-License-Identifier: Apache-2.0
// A backend that computes nothing and does what it is told: for tests of everything above the contract, and for
// measuring our own overhead. Outputs echo inputs. scripted.md lists what it can be told.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "backend.h"
#include "guard.h"
#include "json.h"
#include "lanes.h"
#include "scripted_cost.h"
#include "scripted_model.h"
#include "scripted_pool.h"
#include "scripted_settings.h"

using trtn::Error;
using trtn::guard;
using trtn::scripted::cost_us;
using trtn::scripted::IoTable;
using trtn::scripted::Model;
using trtn::scripted::Pool;
using trtn::scripted::Pooled;
using trtn::scripted::Settings;

namespace {

std::atomic<int64_t> host_allocations{0};
std::atomic<int64_t> engines{0};
std::atomic<int64_t> sessions{0};

uint64_t now_ns() { return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()); }

// Sleeps in slices, so that an interrupt is noticed. False: interrupted.
bool wait_us(int64_t us, const std::atomic<bool>& interrupted) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(us);
  while (std::chrono::steady_clock::now() < until) {
    if (interrupted.load()) return false;
    std::this_thread::sleep_until(std::min(until, std::chrono::steady_clock::now() + std::chrono::milliseconds(1)));
  }
  return true;
}

void fail_if(int64_t status, const char* what) {
  if (status != BACKEND_OK) throw Error(static_cast<backend_status>(status), std::string("scripted: ") + what);
}

}  // namespace

struct backend_engine {
  backend_engine(Model parsed, Settings read) : model(std::move(parsed)), io(model), settings(read) { ++engines; }
  ~backend_engine() { --engines; }
  const Model model;
  const IoTable io;
  const Settings settings;
};

namespace {

class EchoWork : public trtn::LaneWork {
 public:
  EchoWork(const backend_engine& engine, Settings settings, std::atomic<int64_t>& runs)
      : engine_(engine), settings_(settings), runs_(runs) {}

  backend_status execute(const backend_run& run, backend_timings& timings, std::string& message) noexcept override {
    const uint64_t begin = now_ns();
    const int64_t number = ++runs_;
    const int64_t us = cost_us(settings_, run, number);
    if (us > 0 && !wait_us(us, interrupted_)) return BACKEND_CANCELLED;
    timings.compute_ns = now_ns() - begin;
    if (settings_.fail_every > 0 && number % settings_.fail_every == 0) {
      message = "scripted: told to fail";
      return static_cast<backend_status>(settings_.fail_status);
    }
    for (uint32_t i = 0; i < run.output_count; ++i) {
      if (!echo(run, run.outputs[i], timings, message)) return BACKEND_SHAPE;
    }
    timings.copy_out_ns = now_ns() - begin - timings.compute_ns;
    return BACKEND_OK;
  }
  void interrupt() noexcept override { interrupted_ = !settings_.stubborn; }
  void rearm() noexcept override { interrupted_ = false; }

 private:
  bool echo(const backend_run& run, backend_tensor& output, backend_timings& timings, std::string& message) {
    const backend_tensor& input = run.inputs[output.index < run.input_count ? output.index : 0];
    output.rank = input.rank;
    std::copy(input.dims, input.dims + BACKEND_MAX_RANK, output.dims);
    if (output.memory == BACKEND_POOLED) {
      Pooled* const pooled = Pool::instance().take(input.bytes);
      output.pooled = pooled;
      output.data = pooled->data;
    } else if (output.bytes < input.bytes) {
      message = "scripted: the buffer given for an output is too small: " + std::to_string(output.bytes) + " of " +
                std::to_string(input.bytes) + " bytes";
      return false;
    }
    output.bytes = input.bytes;
    if (settings_.stage) return stage(input, output, timings);
    if (output.data == input.data) return true;
    if (output.memory != BACKEND_PAGE_LOCKED || input.memory != BACKEND_PAGE_LOCKED) timings.copies += 1;
    if (input.bytes > 0) std::memcpy(output.data, input.data, input.bytes);
    return true;
  }

  // As a device backend does it: pageable memory goes through the lane's own, page-locked memory is used in place; the
  // "device" itself moves nothing.
  bool stage(const backend_tensor& input, backend_tensor& output, backend_timings& timings) {
    const void* result = input.data;
    if (input.memory != BACKEND_PAGE_LOCKED) {
      staging_.resize(std::max(staging_.size(), input.bytes));
      result = copy(staging_.data(), input.data, input.bytes, timings);
    }
    if (output.memory != BACKEND_PAGE_LOCKED) copy(output.data, result, input.bytes, timings);
    return true;
  }

  static const void* copy(void* to, const void* from, size_t bytes, backend_timings& timings) {
    if (bytes > 0) std::memcpy(to, from, bytes);
    timings.copies += 1;
    return to;
  }

  const backend_engine& engine_;
  const Settings settings_;
  std::atomic<int64_t>& runs_;
  std::atomic<bool> interrupted_{false};
  std::vector<char> staging_;
};

std::vector<std::unique_ptr<trtn::LaneWork>> make_work(int32_t lanes, const backend_engine& engine,
                                                       const Settings& settings, std::atomic<int64_t>& runs) {
  std::vector<std::unique_ptr<trtn::LaneWork>> work;
  for (int32_t i = 0; i < lanes; ++i) work.push_back(std::make_unique<EchoWork>(engine, settings, runs));
  return work;
}

}  // namespace

struct backend_session {
  backend_session(const backend_engine& engine, int32_t count, const Settings& read)
      : settings(read),
        direct(engine, read, runs),
        lanes(make_work(count, engine, read, runs), std::chrono::microseconds(read.spin_us)) {
    ++sessions;
  }
  ~backend_session() { --sessions; }
  const Settings settings;
  std::atomic<int64_t> runs{0};
  EchoWork direct;
  trtn::Lanes lanes;
};

namespace {

void write(const backend_sink& sink, const std::string& text) { sink.write(sink.user, text.data(), text.size()); }

backend_status probe(const backend_option*, size_t, const backend_sink* report, backend_error* error) {
  return guard(error, [&] {
    write(*report, R"({"usable":true,"reason":null,"remedy":null,"version":"1","devices":[{"name":"script"}],)"
                   R"("libraries":[],"precisions":["fp32"],"limits":{}})");
  });
}

backend_status build(const backend_build_request* request, backend_error* error) {
  return guard(error, [&] {
    const std::string_view text(static_cast<const char*>(request->model), request->model_bytes);
    const Model model = trtn::scripted::parse_model(text);
    const Settings settings = trtn::scripted::read_settings(model, request->options, request->option_count);
    const backend_observer& observer = *request->observer;
    const auto steps = static_cast<int32_t>(settings.build_steps);
    for (int32_t step = 0; step <= steps; ++step) {
      const std::string line = "scripted: step " + std::to_string(step);
      observer.log(observer.user, BACKEND_LOG_INFO, line.c_str());
      const int32_t go_on = observer.progress(observer.user, "script", nullptr, step, steps);
      if (go_on == 0) throw Error(BACKEND_CANCELLED, "scripted: the build was cancelled");
      std::this_thread::sleep_for(std::chrono::microseconds(settings.build_step_us));
    }
    request->payload.write(request->payload.user, text.data(), text.size());
    write(request->facts, R"({"scripted":true})");
  });
}

backend_status load(const backend_load_request* request, backend_engine** out, backend_error* error) {
  return guard(error, [&] {
    Model model = trtn::scripted::parse_model({static_cast<const char*>(request->payload), request->payload_bytes});
    const Settings settings = trtn::scripted::read_settings(model, request->options, request->option_count);
    fail_if(settings.load_status, "told to fail at load");
    *out = new backend_engine(std::move(model), settings);
  });
}

backend_status engine_io(backend_engine* engine, const backend_io** items, size_t* count, backend_error*) {
  *items = engine->io.items().data();
  *count = engine->io.items().size();
  return BACKEND_OK;
}

void write_counters(const backend_sink& answer, int64_t runs) {
  trtn::JsonWriter json;
  json.begin_object().key("runs").number(runs).key("pooledOut").number(static_cast<int64_t>(Pool::instance().out()));
  json.key("hostAllocations").number(host_allocations).key("engines").number(engines).key("sessions").number(sessions);
  json.end_object();
  write(answer, json.str());
}

backend_status engine_control(backend_engine*, const char* verb, const char*, const backend_sink* answer,
                              backend_error* error) {
  return guard(error, [&] {
    if (std::strcmp(verb, "describe") == 0) return write(*answer, R"({"scripted":true})");
    if (std::strcmp(verb, "counters") == 0) return write_counters(*answer, 0);
    throw Error(BACKEND_UNSUPPORTED, std::string("scripted: no verb ") + verb);
  });
}

backend_status session_control(backend_session* session, const char* verb, const char*, const backend_sink* answer,
                               backend_error* error) {
  return guard(error, [&] {
    if (std::strcmp(verb, "counters") == 0) return write_counters(*answer, session->runs);
    throw Error(BACKEND_UNSUPPORTED, std::string("scripted: no verb ") + verb);
  });
}

backend_status session_create(backend_engine* engine, const backend_session_request* request, backend_session** out,
                              backend_error* error) {
  return guard(error, [&] {
    const Settings settings = trtn::scripted::read_settings(engine->model, request->options, request->option_count);
    fail_if(settings.create_status, "told to fail at session creation");
    *out = new backend_session(*engine, request->lanes, settings);
  });
}

// done() on the submitting thread, inside submit(): the contract allows it.
void submit_inline(backend_session& session, const backend_run& run) {
  backend_timings timings{};
  timings.struct_size = sizeof timings;
  std::string message;
  const backend_status status = session.direct.execute(run, timings, message);
  run.done(run.user, status, status == BACKEND_OK ? nullptr : message.c_str(), &timings, 0);
}

void submit(backend_session* session, const backend_run* run) {
  if (session->settings.late_inline) {
    submit_inline(*session, *run);
  } else {
    session->lanes.submit(run);
  }
}

backend_status host_alloc(backend_session* session, size_t bytes, void** data, backend_error* error) {
  return guard(error, [&] {
    if (bytes > static_cast<size_t>(session->settings.alloc_limit)) {
      throw Error(BACKEND_OUT_OF_MEMORY, "scripted: no memory for " + std::to_string(bytes) + " bytes");
    }
    const size_t rounded = (bytes + 4096) / 4096 * 4096;
    *data = std::aligned_alloc(4096, rounded);
    if (*data == nullptr) throw std::bad_alloc();
    std::memset(*data, 0, rounded);
    ++host_allocations;
  });
}

void host_free(void* data) {
  std::free(data);
  --host_allocations;
}

const backend_api kApi = {sizeof(backend_api),
                          BACKEND_ABI_MAJOR,
                          BACKEND_ABI_MINOR,
                          "scripted",
                          "for tests only",
                          probe,
                          build,
                          load,
                          engine_io,
                          engine_control,
                          [](backend_engine* engine) { delete engine; },
                          session_create,
                          session_control,
                          [](backend_session* session) { delete session; },
                          submit,
                          [](backend_session* session, void* user) { session->lanes.cancel(user); },
                          [](void* pooled) { Pool::instance().give_back(static_cast<Pooled*>(pooled)); },
                          host_alloc,
                          host_free};

}  // namespace

extern "C" __attribute__((visibility("default"))) const backend_api* backend_get_api(uint32_t abi_major) {
  return abi_major == BACKEND_ABI_MAJOR ? &kApi : nullptr;
}
