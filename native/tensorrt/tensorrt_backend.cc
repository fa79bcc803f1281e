// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/tensorrt_backend.h"

#include <string>

#include "contract.h"
#include "guard.h"
#include "tensorrt/build.h"
#include "tensorrt/probe.h"
#include "tensorrt/run/api.h"

namespace trt {
namespace {

using trtn::guard;

template <Flavour kFlavour>
backend_status probeOf(const backend_option* options, size_t count, const backend_sink* report, backend_error* error) {
  return guard(error, [&] { trtn::answer_with(report, probe(kFlavour, options, count)); });
}

template <Flavour kFlavour>
backend_status buildOf(const backend_build_request* request, backend_error* error) {
  return guard(error, [&] { build(kFlavour, trtn::whole(request)); });
}

template <Flavour kFlavour>
backend_status loadOf(const backend_load_request* request, backend_engine** out, backend_error* error) {
  return run::load(kFlavour, request, out, error);
}

template <Flavour kFlavour>
constexpr backend_api makeApi(const char* name) {
  return {sizeof(backend_api),
          BACKEND_ABI_MAJOR,
          BACKEND_ABI_MINOR,
          name,
          "C++17, compiler " __VERSION__,
          probeOf<kFlavour>,
          buildOf<kFlavour>,
          loadOf<kFlavour>,
          run::engine_io,
          run::engine_control,
          run::engine_free,
          run::session_create,
          run::session_control,
          run::session_free,
          run::submit,
          run::cancel,
          run::release,
          run::host_alloc,
          run::host_free};
}

constexpr backend_api kEnterpriseApi = makeApi<Flavour::kEnterprise>("tensorrt");
constexpr backend_api kRtxApi = makeApi<Flavour::kRtx>("tensorrt-rtx");

}  // namespace
}  // namespace trt

extern "C" const backend_api* trtn_tensorrt_get_api(uint32_t abi_major) {
  return abi_major == BACKEND_ABI_MAJOR ? &trt::kEnterpriseApi : nullptr;
}

extern "C" const backend_api* trtn_tensorrt_rtx_get_api(uint32_t abi_major) {
  return abi_major == BACKEND_ABI_MAJOR ? &trt::kRtxApi : nullptr;
}
