// SPDX-License-Identifier: Apache-2.0
// sim_control.so: lets a test talk to a simulated libcudart that the process has loaded (or loads it).
//   set(path, key, value) → boolean; get(path, what) → string of JSON, or null
#include <dlfcn.h>
#include <node_api.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace {

std::string text(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return "";
  std::string out(length + 1, '\0');
  (void)napi_get_value_string_utf8(env, value, &out[0], out.size(), &length);
  out.resize(length);
  return out;
}

std::vector<std::string> arguments(napi_env env, napi_callback_info info, size_t wanted) {
  std::vector<napi_value> values(wanted);
  size_t count = wanted;
  (void)napi_get_cb_info(env, info, &count, values.data(), nullptr, nullptr);
  std::vector<std::string> out;
  for (const napi_value value : values) out.push_back(text(env, value));
  return out;
}

// Never closed: the library keeps threads and everything that the product has made.
void* symbol(napi_env env, const std::string& path, const char* name) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const found = library == nullptr ? nullptr : dlsym(library, name);
  if (found == nullptr) {
    const char* const why = dlerror();
    napi_throw_error(env, nullptr, ("Not a simulated libcudart: " + path + ": " + (why == nullptr ? "" : why)).c_str());
  }
  return found;
}

napi_value set(napi_env env, napi_callback_info info) {
  const std::vector<std::string> given = arguments(env, info, 3);
  using Set = int (*)(const char*, const char*);
  const auto call = reinterpret_cast<Set>(symbol(env, given[0], "sim_set"));
  napi_value result = nullptr;
  if (call == nullptr) return result;
  (void)napi_get_boolean(env, call(given[1].c_str(), given[2].c_str()) != 0, &result);
  return result;
}

napi_value get(napi_env env, napi_callback_info info) {
  const std::vector<std::string> given = arguments(env, info, 2);
  using Get = char* (*)(const char*);
  const auto call = reinterpret_cast<Get>(symbol(env, given[0], "sim_get"));
  napi_value result = nullptr;
  if (call == nullptr) return result;
  char* const json = call(given[1].c_str());
  if (json == nullptr) {
    (void)napi_get_null(env, &result);
  } else {
    (void)napi_create_string_utf8(env, json, NAPI_AUTO_LENGTH, &result);
  }
  std::free(json);
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"set", nullptr, set, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"get", nullptr, get, nullptr, nullptr, nullptr, napi_enumerable, nullptr}};
  (void)napi_define_properties(env, exports, 2, functions);
  return exports;
}
