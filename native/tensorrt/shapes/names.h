// SPDX-License-Identifier: Apache-2.0
// Which flags, pools, sources and features this shape has, and since when. The precision flags of generation 10 (FP16,
// INT8, BF16, FP8, INT4, FP4 and their constraints) are left out on purpose: networks are strongly typed here, precision
// is in the graph. Included by the shape_*.cc only, through library.h.
#ifndef TENSORRT_NODE_TENSORRT_SHAPES_NAMES_H_
#define TENSORRT_NODE_TENSORRT_SHAPES_NAMES_H_

#include "tensorrt/shapes/support.h"

namespace TRT_NS {

constexpr Name kBuilderFlags[] = {
    named("DEBUG", BuilderFlag::kDEBUG),
    named("GPU_FALLBACK", BuilderFlag::kGPU_FALLBACK),
    named("REFIT", BuilderFlag::kREFIT),
    named("DISABLE_TIMING_CACHE", BuilderFlag::kDISABLE_TIMING_CACHE),
    named("TF32", BuilderFlag::kTF32),
    named("SPARSE_WEIGHTS", BuilderFlag::kSPARSE_WEIGHTS),
    named("SAFETY_SCOPE", BuilderFlag::kSAFETY_SCOPE),
    named("DIRECT_IO", BuilderFlag::kDIRECT_IO),
    named("VERSION_COMPATIBLE", BuilderFlag::kVERSION_COMPATIBLE),
    named("EXCLUDE_LEAN_RUNTIME", BuilderFlag::kEXCLUDE_LEAN_RUNTIME),
    named("ERROR_ON_TIMING_CACHE_MISS", BuilderFlag::kERROR_ON_TIMING_CACHE_MISS),
    named("DISABLE_COMPILATION_CACHE", BuilderFlag::kDISABLE_COMPILATION_CACHE),
    named("STRIP_PLAN", BuilderFlag::kSTRIP_PLAN),
    named("REFIT_IDENTICAL", BuilderFlag::kREFIT_IDENTICAL),
    named("WEIGHT_STREAMING", BuilderFlag::kWEIGHT_STREAMING),
    named("REFIT_INDIVIDUAL", BuilderFlag::kREFIT_INDIVIDUAL, {2, 0, 0}),
    named("STRICT_NANS", BuilderFlag::kSTRICT_NANS, {6, 0, 0}),
    named("MONITOR_MEMORY", BuilderFlag::kMONITOR_MEMORY, {6, 0, 0}),
    named("EDITABLE_TIMING_CACHE", BuilderFlag::kEDITABLE_TIMING_CACHE, {8, 0, 0}),
    named("DISTRIBUTIVE_INDEPENDENCE", BuilderFlag::kDISTRIBUTIVE_INDEPENDENCE, {12, 0, 0}),
#if TRT_RTX && TRT_GEN == 11
    named("REQUIRE_USER_ALLOCATION", BuilderFlag::kREQUIRE_USER_ALLOCATION),
#endif
};

constexpr Name kMemoryPools[] = {
    named("WORKSPACE", MemoryPoolType::kWORKSPACE),
    named("DLA_MANAGED_SRAM", MemoryPoolType::kDLA_MANAGED_SRAM),
    named("DLA_LOCAL_DRAM", MemoryPoolType::kDLA_LOCAL_DRAM),
    named("DLA_GLOBAL_DRAM", MemoryPoolType::kDLA_GLOBAL_DRAM),
    named("TACTIC_DRAM", MemoryPoolType::kTACTIC_DRAM),
    named("TACTIC_SHARED_MEMORY", MemoryPoolType::kTACTIC_SHARED_MEMORY),
};

constexpr Name kTacticSources[] = {
#if TRT_GEN == 10
    named("CUBLAS", TacticSource::kCUBLAS),
    named("CUBLAS_LT", TacticSource::kCUBLAS_LT),
    named("CUDNN", TacticSource::kCUDNN),
#endif
    named("EDGE_MASK_CONVOLUTIONS", TacticSource::kEDGE_MASK_CONVOLUTIONS),
    named("JIT_CONVOLUTIONS", TacticSource::kJIT_CONVOLUTIONS),
};

constexpr Name kPreviewFeatures[] = {
#if TRT_GEN == 10
    named("PROFILE_SHARING_0806", PreviewFeature::kPROFILE_SHARING_0806),
#endif
    named("ALIASED_PLUGIN_IO_10_03", PreviewFeature::kALIASED_PLUGIN_IO_10_03, {3, 0, 0}),
    named("RUNTIME_ACTIVATION_RESIZE_10_10", PreviewFeature::kRUNTIME_ACTIVATION_RESIZE_10_10, {10, 0, 0}),
};

// The DLA and override flags: present in the first parser header that could be read, hence "by".
constexpr Name kParserFlags[] = {
    named("NATIVE_INSTANCENORM", OnnxParserFlag::kNATIVE_INSTANCENORM),
    named("ENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA", OnnxParserFlag::kENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA,
          {14, 0, 0}),
    named("REPORT_CAPABILITY_DLA", OnnxParserFlag::kREPORT_CAPABILITY_DLA, {15, 0, 0}),
    named("ENABLE_PLUGIN_OVERRIDE", OnnxParserFlag::kENABLE_PLUGIN_OVERRIDE, {15, 0, 0}),
    named("ADJUST_FOR_DLA", OnnxParserFlag::kADJUST_FOR_DLA, {16, 0, 4}),
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_SHAPES_NAMES_H_
