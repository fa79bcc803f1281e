// SPDX-License-Identifier: Apache-2.0
// ONNX → network, and what the parser has to say of it in words that a user can act on.
#ifndef TENSORRT_NODE_TENSORRT_PARSE_H_
#define TENSORRT_NODE_TENSORRT_PARSE_H_

#include <string>
#include <vector>

#include "tensorrt/logging.h"
#include "tensorrt/model.h"
#include "tensorrt/settings.h"
#include "tensorrt/trt.h"

namespace trt {

// Pure. One error of the parser: where, and what. Its own text may be no more than "false".
std::string explain(const ParserError& error);
// Pure. All of them; each text once.
std::string explainAll(const std::vector<ParserError>& errors);

// @throws Error: BACKEND_MODEL with every error of the parser; BACKEND_UNSUPPORTED for a flag that it does not have.
void parseModel(Parser& parser, const Model& model, const BuildSettings& settings, JobLog& log);

// A build that gave nothing. Pure: status and words from the errors that were logged meanwhile.
Error explainBuild(const std::vector<std::string>& errors);

}  // namespace trt

#endif  // TENSORRT_NODE_TENSORRT_PARSE_H_
