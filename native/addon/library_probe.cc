// SPDX-License-Identifier: Apache-2.0
#include "library_probe.h"

#include <dlfcn.h>
#include <link.h>

#include <string>

#include "exit_guard.h"
#include "failure.h"

namespace trtn {
namespace {

Napi::Value call(Napi::Env env, void* symbol, const std::string& signature) {
  if (symbol == nullptr) return env.Null();
  if (signature == "int()") return Napi::Number::New(env, reinterpret_cast<int (*)()>(symbol)());
  if (signature == "string()") {
    const char* const text = reinterpret_cast<const char* (*)()>(symbol)();
    return text == nullptr ? env.Null() : Napi::Value(Napi::String::New(env, text));
  }
  int value = -1;  // stays where the call fails: documented for CUDA without a driver
  reinterpret_cast<int (*)(int*)>(symbol)(&value);
  return Napi::Number::New(env, value);
}

std::string path_of(void* library) {
  link_map* map = nullptr;
  if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr) return "";
  return map->l_name;
}

}  // namespace

Napi::Value probe_library(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string name = info[0].As<Napi::String>().Utf8Value();
  Napi::Object report = Napi::Object::New(env);
  Napi::Object values = Napi::Object::New(env);
  report.Set("values", values);
  void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    report.Set("path", env.Null());
    report.Set("error", Napi::String::New(env, dlerror()));
    return report;
  }
  report.Set("path", Napi::String::New(env, path_of(library)));
  report.Set("error", env.Null());
  const Napi::Object calls = info[1].As<Napi::Object>();
  const Napi::Array symbols = calls.GetPropertyNames();
  for (uint32_t i = 0; i < symbols.Length(); ++i) {
    const std::string symbol = symbols.Get(i).ToString().Utf8Value();
    const std::string signature = calls.Get(symbol).ToString().Utf8Value();
    values.Set(symbol, call(env, dlsym(library, symbol.c_str()), signature));
  }
  return report;
}

const backend_api* load_backend_library(Napi::Env env, const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw failure(env, BACKEND_UNAVAILABLE, dlerror());
  const auto get_api = reinterpret_cast<backend_get_api_fn>(dlsym(library, BACKEND_GET_API_SYMBOL));
  if (get_api == nullptr) {
    throw failure(env, BACKEND_UNAVAILABLE, path + " exports no " BACKEND_GET_API_SYMBOL ": it is not a backend");
  }
  ExitGuard::arm();
  const backend_api* const api = get_api(BACKEND_ABI_MAJOR);
  if (api == nullptr || api->abi_major != BACKEND_ABI_MAJOR || api->struct_size < sizeof(backend_api)) {
    throw failure(env, BACKEND_UNAVAILABLE,
                  path + " was built for another backend ABI; this addon needs major " +
                      std::to_string(BACKEND_ABI_MAJOR) + ". Build it against this version's backend.h");
  }
  return api;
}

}  // namespace trtn
