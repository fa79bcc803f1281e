// SPDX-License-Identifier: Apache-2.0
#include "tensorrt/parse.h"

#include <algorithm>

#include "tensorrt/text.h"
#include "tensorrt/unusable.h"

namespace trt {
namespace {

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

struct Translation {
  const char* part;  // of NVIDIA's text
  const char* meaning;
};

// Its texts are assertions of the source as often as sentences. Seen on TensorRT-RTX 1.4 … 1.7 and the importer they share.
constexpr Translation kParser[] = {
    {"Plugin not found", "this operator is unknown: neither the parser nor a loaded plugin has it"},
    {"plugin was not found in the plugin registry", "this operator needs a plugin that is not loaded"},
    {"shiftIsAllZeros",
     "quantisation with a zero point other than 0 is not supported: quantise symmetrically, to int8"},
    {"scaleAllPositive", "a scale of the quantisation is not above 0"},
    {"toposort(", "the graph has a cycle, or two nodes make the same output"},
    {"ctx->tensors().count(inputName)", "it reads a tensor that nothing makes"},
    {"Failed to parse the ONNX model", "the bytes are no valid ONNX model: damaged, or cut short"},
    {"Failed to convert ONNX date type", "its type is not supported by TensorRT"},
    {"Failed to convert ONNX dimensions", "TensorRT takes at most 8 dimensions"},
    {"Failed to import initializer", "a weight cannot be read: its type, its size or its file is wrong"},
    {"Found unsupported input type of UINT8", "uint8 can only be cast: put a Cast right behind the input"},
};

constexpr Translation kBuild[] = {
    {"has no runners that implement it", "an operator of the model has no kernel in this library"},
    {"Could not find any implementation", "an operator of the model has no kernel for this device or these settings"},
    {"no tactics to implement the operation within workspace limit",
     "the workspace is too small: give memPoolSize a larger one"},
    {"FP32 GEMM is not supported", "compute capability 75 cannot do FP32 matrix products: leave 75 out, or use FP16"},
    {"because the model contains HW-specific datatypes", "a target does not have the model's number type"},
    {"bad optional access", "the list of compute capabilities is not one that this library builds for"},
};

struct Fault {
  const char* part;
  backend_status status;
};
constexpr Fault kFaults[] = {{"OutOfMemory", BACKEND_OUT_OF_MEMORY},
                             {"out of memory", BACKEND_OUT_OF_MEMORY},
                             {"bad_alloc", BACKEND_OUT_OF_MEMORY},
                             {"has no runners", BACKEND_UNSUPPORTED},
                             {"Could not find any implementation", BACKEND_UNSUPPORTED},
                             {"workspace limit", BACKEND_UNSUPPORTED},
                             {"Cannot compile", BACKEND_UNSUPPORTED},
                             {"bad optional access", BACKEND_UNSUPPORTED},
                             {"Cuda Runtime", BACKEND_DEVICE},
                             {"Cuda Driver", BACKEND_DEVICE}};

template <size_t N>
const char* meaningOf(const Translation (&table)[N], const std::string& text) {
  for (const Translation& each : table) {
    if (contains(text, each.part)) return each.meaning;
  }
  return nullptr;
}

std::string nodeOf(const ParserError& error) {
  std::string text = "node";
  if (error.node >= 0) text += " " + std::to_string(error.node);
  if (!error.nodeName.empty()) text += " '" + error.nodeName + "'";
  if (!error.nodeOperator.empty()) text += " (" + error.nodeOperator + ")";
  if (!error.localFunctions.empty()) text += " in the function " + joinText(error.localFunctions, " > ");
  return text == "node" ? "" : text;
}

}  // namespace

std::string explain(const ParserError& error) {
  const std::string where = nodeOf(error);
  std::string what = error.description;
  if (what.empty() || what == "false") {
    what = error.nodeOperator.empty() ? "the model has something that is not supported"
                                      : "the operator " + error.nodeOperator + " is not supported";
  } else if (const char* meaning = meaningOf(kParser, what)) {
    what = std::string(meaning) + " [" + error.description + "]";
  }
  return where.empty() ? what : where + ": " + what;
}

std::string explainAll(const std::vector<ParserError>& errors) {
  std::vector<std::string> texts;
  for (const ParserError& error : errors) {
    const std::string text = explain(error);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  return joinText(texts, "; ");
}

void parseModel(Parser& parser, const Model& model, const BuildSettings& settings, JobLog& log) {
  for (const auto& [flag, on] : settings.parserFlags) {
    try {
      parser.setFlag(flag, on);
    } catch (const Error& error) {
      throw Error(BACKEND_UNSUPPORTED, "The parser flag " + flag + " cannot be served: " + error.what());
    }
  }
  log.forgetErrors();
  const bool parsed = parser.parse(model.data(), model.bytes(), model.path());
  const std::vector<ParserError> errors = parser.errors();
  if (parsed && errors.empty()) return;
  const std::string why = errors.empty() ? log.why("the parser gave no reason") : explainAll(errors);
  const std::vector<std::string> dangling = danglingTensors(model.data(), model.bytes());
  const std::string names = dangling.empty() ? "" : " Nothing makes: " + joinText(dangling, ", ") + ".";
  throw Error(BACKEND_MODEL, "The model cannot be taken by TensorRT: " + why + "." + names);
}

Error explainBuild(const std::vector<std::string>& errors) {
  const std::string all = joinText(errors, " | ");
  backend_status status = BACKEND_MODEL;
  for (const Fault& fault : kFaults) {
    if (!contains(all, fault.part)) continue;
    status = fault.status;
    break;
  }
  if (all.empty()) return {BACKEND_INTERNAL, "TensorRT built no engine and gave no reason."};
  const char* meaning = meaningOf(kBuild, all);
  return {status, "TensorRT built no engine: " + (meaning == nullptr ? all : meaning + (" [" + all + "]"))};
}

}  // namespace trt
