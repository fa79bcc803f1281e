// SPDX-License-Identifier: Apache-2.0
// Enumerations. Values that differ between the shapes (BuilderFlag, NetworkDefinitionCreationFlag, PreviewFeature,
// TacticSource) must never be stored or passed as numbers: names are mapped here, per shape. Included by abi.h only.
#ifndef TENSORRT_NODE_TENSORRT_ABI_ENUMS_H_
#define TENSORRT_NODE_TENSORRT_ABI_ENUMS_H_

namespace TRT_NS {

#if TRT_GEN == 10
enum class BuilderFlag : int32_t {
  kFP16 = 0,
  kINT8 = 1,
  kDEBUG = 2,
  kGPU_FALLBACK = 3,
  kREFIT = 4,
  kDISABLE_TIMING_CACHE = 5,
  kTF32 = 6,
  kSPARSE_WEIGHTS = 7,
  kSAFETY_SCOPE = 8,
  kOBEY_PRECISION_CONSTRAINTS = 9,
  kPREFER_PRECISION_CONSTRAINTS = 10,
  kDIRECT_IO = 11,
  kREJECT_EMPTY_ALGORITHMS = 12,
  kVERSION_COMPATIBLE = 13,
  kEXCLUDE_LEAN_RUNTIME = 14,
  kFP8 = 15,
  kERROR_ON_TIMING_CACHE_MISS = 16,
  kBF16 = 17,
  kDISABLE_COMPILATION_CACHE = 18,
  kSTRIP_PLAN = 19,
  kREFIT_IDENTICAL = 20,
  kWEIGHT_STREAMING = 21,
  kINT4 = 22,                      // 10.1
  kREFIT_INDIVIDUAL = 23,          // 10.2
  kSTRICT_NANS = 24,               // 10.6
  kMONITOR_MEMORY = 25,            // 10.6
  kFP4 = 26,                       // 10.8
  kEDITABLE_TIMING_CACHE = 27,     // 10.8
  kDISTRIBUTIVE_INDEPENDENCE = 28  // 10.12
};
enum class NetworkDefinitionCreationFlag : int32_t { kEXPLICIT_BATCH = 0, kSTRONGLY_TYPED = 1 };
enum class PreviewFeature : int32_t {
  kPROFILE_SHARING_0806 = 0,
  kALIASED_PLUGIN_IO_10_03 = 1,         // 10.3
  kRUNTIME_ACTIVATION_RESIZE_10_10 = 2  // 10.10
};
enum class TacticSource : int32_t {
  kCUBLAS = 0,
  kCUBLAS_LT = 1,
  kCUDNN = 2,
  kEDGE_MASK_CONVOLUTIONS = 3,
  kJIT_CONVOLUTIONS = 4
};
#if !TRT_RTX
enum class QuantizationFlag : int32_t { kCALIBRATE_BEFORE_FUSION = 0 };
#endif
#else
enum class BuilderFlag : int32_t {
  kDEBUG = 2,
  kGPU_FALLBACK = 3,
  kREFIT = 4,
  kDISABLE_TIMING_CACHE = 5,
  kTF32 = 6,
  kSPARSE_WEIGHTS = 7,
  kSAFETY_SCOPE = 8,
  kDIRECT_IO = 11,
  kVERSION_COMPATIBLE = 12,
  kEXCLUDE_LEAN_RUNTIME = 13,
  kERROR_ON_TIMING_CACHE_MISS = 15,
  kDISABLE_COMPILATION_CACHE = 17,
  kSTRIP_PLAN = 18,
  kREFIT_IDENTICAL = 19,
  kWEIGHT_STREAMING = 20,
  kREFIT_INDIVIDUAL = 22,
  kSTRICT_NANS = 23,
  kMONITOR_MEMORY = 24,
  kEDITABLE_TIMING_CACHE = 26,
  kDISTRIBUTIVE_INDEPENDENCE = 27
#if TRT_RTX
  ,
  kREQUIRE_USER_ALLOCATION = 28
#endif
};
enum class NetworkDefinitionCreationFlag : int32_t { kSTRONGLY_TYPED = 0 };
enum class PreviewFeature : int32_t { kALIASED_PLUGIN_IO_10_03 = 0, kRUNTIME_ACTIVATION_RESIZE_10_10 = 1 };
enum class TacticSource : int32_t { kEDGE_MASK_CONVOLUTIONS = 0, kJIT_CONVOLUTIONS = 1 };
#endif

// The same in every shape, as far as they exist there.
enum class DataType : int32_t {
  kFLOAT = 0,
  kHALF = 1,
  kINT8 = 2,
  kINT32 = 3,
  kBOOL = 4,
  kUINT8 = 5,
  kFP8 = 6,
  kBF16 = 7,
  kINT64 = 8,
  kINT4 = 9,
  kFP4 = 10,   // 10.8
  kE8M0 = 11,  // 10.12
};
enum class TensorFormat : int32_t {
  kLINEAR = 0,
  kCHW2 = 1,
  kHWC8 = 2,
  kCHW4 = 3,
  kCHW16 = 4,
  kCHW32 = 5,
  kDHWC8 = 6,
  kCDHW32 = 7,
  kHWC = 8,
  kDLA_LINEAR = 9,
  kDLA_HWC4 = 10,
  kHWC16 = 11,
  kDHWC = 12
};
enum class MemoryPoolType : int32_t {
  kWORKSPACE = 0,
  kDLA_MANAGED_SRAM = 1,
  kDLA_LOCAL_DRAM = 2,
  kDLA_GLOBAL_DRAM = 3,
  kTACTIC_DRAM = 4,
  kTACTIC_SHARED_MEMORY = 5
};
enum class ErrorCode : int32_t {
  kSUCCESS = 0,
  kUNSPECIFIED_ERROR = 1,
  kINTERNAL_ERROR = 2,
  kINVALID_ARGUMENT = 3,
  kINVALID_CONFIG = 4,
  kFAILED_ALLOCATION = 5,
  kFAILED_INITIALIZATION = 6,
  kFAILED_EXECUTION = 7,
  kFAILED_COMPUTATION = 8,
  kINVALID_STATE = 9,
  kUNSUPPORTED_STATE = 10
};
enum class APILanguage : int32_t { kCPP = 0, kPYTHON = 1 };
enum class DeviceType : int32_t { kGPU = 0, kDLA = 1 };
enum class EngineCapability : int32_t { kSTANDARD = 0, kSAFETY = 1, kDLA_STANDALONE = 2 };
enum class EngineStat : int32_t { kTOTAL_WEIGHTS_SIZE = 0, kSTRIPPED_WEIGHTS_SIZE = 1 };  // 10.14
enum class ExecutionContextAllocationStrategy : int32_t { kSTATIC = 0, kON_PROFILE_CHANGE = 1, kUSER_MANAGED = 2 };
enum class HardwareCompatibilityLevel : int32_t {
  kNONE = 0,
  kAMPERE_PLUS = 1,
  kSAME_COMPUTE_CAPABILITY = 2 /* 10.9 */
};
enum class LayerInformationFormat : int32_t { kONELINE = 0, kJSON = 1 };
enum class LayerType : int32_t;  // a number to us
enum class OptProfileSelector : int32_t { kMIN = 0, kOPT = 1, kMAX = 2 };
enum class ProfilingVerbosity : int32_t { kLAYER_NAMES_ONLY = 0, kNONE = 1, kDETAILED = 2 };
enum class RuntimePlatform : int32_t { kSAME_AS_BUILD = 0, kWINDOWS_AMD64 = 1 };  // 10.2
enum class SeekPosition : int32_t { kSET = 0, kCUR = 1, kEND = 2 };               // 10.7
enum class SerializationFlag : int32_t {
  kEXCLUDE_WEIGHTS = 0,
  kEXCLUDE_LEAN_RUNTIME = 1,
  kINCLUDE_REFIT = 2 /* 10.14 */
};
enum class Severity : int32_t { kINTERNAL_ERROR = 0, kERROR = 1, kWARNING = 2, kINFO = 3, kVERBOSE = 4 };
enum class TempfileControlFlag : int32_t { kALLOW_IN_MEMORY_FILES = 0, kALLOW_TEMPORARY_FILES = 1 };
enum class TensorIOMode : int32_t { kNONE = 0, kINPUT = 1, kOUTPUT = 2 };
enum class TensorLocation : int32_t { kDEVICE = 0, kHOST = 1 };
enum class TilingOptimizationLevel : int32_t { kNONE = 0, kFAST = 1, kMODERATE = 2, kFULL = 3 };  // 10.8
enum class WeightsRole : int32_t { kKERNEL = 0, kBIAS = 1, kSHIFT = 2, kSCALE = 3, kCONSTANT = 4, kANY = 5 };

#if TRT_GEN == 11
enum class DLAWorkspaceAllocationStrategy : int32_t { kDEFAULT = 0, kSHARED_STATIC = 1 };  // 11.4, RTX 1.7
#endif

#if TRT_RTX
enum class ComputeCapability : int32_t {
  kNONE = 0,
  kCURRENT = 1,
  kSM75 = 75,
  kSM80 = 80,
  kSM86 = 86,
  kSM89 = 89,
  kSM120 = 120,
  kSM121 = 121  // RTX 1.5
};
enum class CudaGraphStrategy : int32_t { kDISABLED = 0, kWHOLE_GRAPH_CAPTURE = 1 };
enum class DynamicShapesKernelSpecializationStrategy : int32_t { kLAZY = 0, kEAGER = 1, kNONE = 2 };
enum class EngineValidity : int32_t { kVALID = 0, kSUBOPTIMAL = 1, kINVALID = 2 };
enum class EngineInvalidityDiagnostics : uint64_t {  // bits
  kVERSION_MISMATCH = 1,
  kUNSUPPORTED_CC = 2,
  kOLD_CUDA_DRIVER = 4,
  kOLD_CUDA_RUNTIME = 8,
  kINSUFFICIENT_GPU_MEMORY = 16,
  kMALFORMED_ENGINE = 32,
  kCUDA_ERROR = 64
};
#endif

// The parser's own; a sibling namespace in NVIDIA's headers, hence a name of their own here.
enum class OnnxParserFlag : int32_t {
  kNATIVE_INSTANCENORM = 0,
  kENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA = 1,  // by 10.14
  kREPORT_CAPABILITY_DLA = 2,                         // 10.15
  kENABLE_PLUGIN_OVERRIDE = 3,                        // 10.15
  kADJUST_FOR_DLA = 4                                 // 10.16, RTX 1.4
};
enum class ParserErrorCode : int32_t {
  kSUCCESS = 0,
  kINTERNAL_ERROR = 1,
  kMEM_ALLOC_FAILED = 2,
  kMODEL_DESERIALIZE_FAILED = 3,
  kINVALID_VALUE = 4,
  kINVALID_GRAPH = 5,
  kINVALID_NODE = 6,
  kUNSUPPORTED_GRAPH = 7,
  kUNSUPPORTED_NODE = 8,
  kUNSUPPORTED_NODE_ATTR = 9,
  kUNSUPPORTED_NODE_INPUT = 10,
  kUNSUPPORTED_NODE_DATATYPE = 11,
  kUNSUPPORTED_NODE_DYNAMIC = 12,
  kUNSUPPORTED_NODE_SHAPE = 13,
  kREFIT_FAILED = 14
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_ABI_ENUMS_H_
