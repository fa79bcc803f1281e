// SPDX-License-Identifier: Apache-2.0
// The network and its parts. We read it after the parser has filled it; layers are not made by hand, hence the
// skips. Included by abi.h only.
#ifndef TENSORRT_NODE_TENSORRT_ABI_NETWORK_H_
#define TENSORRT_NODE_TENSORRT_ABI_NETWORK_H_

namespace TRT_NS {

class VTensor : public VRoot {
 public:
  virtual void setName(const char* name) noexcept TRT_PURE;
  virtual const char* getName() const noexcept TRT_PURE;
  virtual void setDimensions(const Dims64& dims) noexcept TRT_PURE;
  virtual Dims64 getDimensions() const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual void setType(DataType) noexcept TRT_PURE;
#endif
  virtual DataType getType() const noexcept TRT_PURE;
#if TRT_GEN == 10 && !TRT_RTX
  virtual bool setDynamicRange(float min, float max) noexcept TRT_PURE;
#endif
  virtual bool isNetworkInput() const noexcept TRT_PURE;
  virtual bool isNetworkOutput() const noexcept TRT_PURE;
#if !TRT_RTX
  virtual void setBroadcastAcrossBatch(bool) noexcept TRT_PURE;
  virtual bool getBroadcastAcrossBatch() const noexcept TRT_PURE;
  virtual TensorLocation getLocation() const noexcept TRT_PURE;
  virtual void setLocation(TensorLocation) noexcept TRT_PURE;
#endif
#if TRT_GEN == 10 && !TRT_RTX
  virtual bool dynamicRangeIsSet() const noexcept TRT_PURE;
  virtual void resetDynamicRange() noexcept TRT_PURE;
  virtual float getDynamicRangeMin() const noexcept TRT_PURE;
  virtual float getDynamicRangeMax() const noexcept TRT_PURE;
#endif
  virtual void setAllowedFormats(uint32_t formats) noexcept TRT_PURE;
  virtual uint32_t getAllowedFormats() const noexcept TRT_PURE;
  virtual bool isShapeTensor() const noexcept TRT_PURE;
  virtual bool isExecutionTensor() const noexcept TRT_PURE;
  virtual void setDimensionName(int32_t index, const char* name) noexcept TRT_PURE;
  virtual const char* getDimensionName(int32_t index) const noexcept TRT_PURE;
};

class VLayer : public VRoot {
 public:
  virtual LayerType getType() const noexcept TRT_PURE;
  virtual void setName(const char* name) noexcept TRT_PURE;
  virtual const char* getName() const noexcept TRT_PURE;
  virtual int32_t getNbInputs() const noexcept TRT_PURE;
  virtual ITensor* getInput(int32_t index) const noexcept TRT_PURE;
  virtual int32_t getNbOutputs() const noexcept TRT_PURE;
  virtual ITensor* getOutput(int32_t index) const noexcept TRT_PURE;
  virtual void setInput(int32_t index, ITensor& tensor) noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual void setPrecision(DataType) noexcept TRT_PURE;
  virtual DataType getPrecision() const noexcept TRT_PURE;
  virtual bool precisionIsSet() const noexcept TRT_PURE;
  virtual void resetPrecision() noexcept TRT_PURE;
  virtual void setOutputType(int32_t index, DataType type) noexcept TRT_PURE;
#endif
  virtual DataType getOutputType(int32_t) const noexcept TRT_PURE;
#if TRT_GEN == 10
  virtual bool outputTypeIsSet(int32_t) const noexcept TRT_PURE;
  virtual void resetOutputType(int32_t) noexcept TRT_PURE;
#endif
  virtual void setMetadata(const char* metadata) noexcept TRT_PURE;
  virtual const char* getMetadata() const noexcept TRT_PURE;
  virtual bool setNbRanks(int32_t) noexcept TRT_PURE;    // 10.16, RTX 1.4
  virtual int32_t getNbRanks() const noexcept TRT_PURE;  // 10.16, RTX 1.4
};

// The network: read and marked by us, filled by the parser. In TensorRT 10.8 alone, one slot (addCumulative) stands
// before getBuilder instead of after addDynamicQuantize: there, slots from getBuilder to addDynamicQuantize are one
// later, and a caller must not use them.
class VNetworkDefinition : public VRoot {
 public:
  virtual ITensor* addInput(const char* name, DataType type, const Dims64& dims) noexcept TRT_PURE;
  virtual void markOutput(ITensor&) noexcept TRT_PURE;
  TRT_SKIP(addActivation);
  TRT_SKIP(addLRN);
  TRT_SKIP(addScale);
  TRT_SKIP(addSoftMax);
  TRT_SKIP(addConcatenation);
  TRT_SKIP(addElementWise);
  TRT_SKIP(addUnary);
  TRT_SKIP(addShuffle);
  virtual int32_t getNbLayers() const noexcept TRT_PURE;
  virtual ILayer* getLayer(int32_t index) const noexcept TRT_PURE;
  virtual int32_t getNbInputs() const noexcept TRT_PURE;
  virtual ITensor* getInput(int32_t index) const noexcept TRT_PURE;
  virtual int32_t getNbOutputs() const noexcept TRT_PURE;
  virtual ITensor* getOutput(int32_t index) const noexcept TRT_PURE;
  TRT_SKIP(addReduce);
  TRT_SKIP(addTopK);
  TRT_SKIP(addGather);
  TRT_SKIP(addRaggedSoftMax);
  TRT_SKIP(addMatrixMultiply);
  TRT_SKIP(addConstant);
  TRT_SKIP(addIdentity);
  virtual void removeTensor(ITensor&) noexcept TRT_PURE;
  virtual void unmarkOutput(ITensor&) noexcept TRT_PURE;
#if !TRT_RTX
  TRT_SKIP(addPluginV2);
  TRT_SKIP(addPluginV3);
#endif
  TRT_SKIP(addSlice);
  virtual void setName(const char* name) noexcept TRT_PURE;
  virtual const char* getName() const noexcept TRT_PURE;
  TRT_SKIP(addShape);
  virtual bool hasImplicitBatchDimension() const noexcept TRT_PURE;
  virtual bool markOutputForShapes(ITensor&) noexcept TRT_PURE;
  virtual bool unmarkOutputForShapes(ITensor&) noexcept TRT_PURE;
  TRT_SKIP(addParametricReLU);
  TRT_SKIP(addConvolutionNd);
  TRT_SKIP(addPoolingNd);
  TRT_SKIP(addDeconvolutionNd);
  TRT_SKIP(addScaleNd);
  TRT_SKIP(addResize);
  TRT_SKIP(addLoop);
  TRT_SKIP(addSelect);
#if TRT_GEN == 10
  TRT_SKIP(addFill);
#endif
  TRT_SKIP(addPaddingNd);
  virtual bool setWeightsName(Weights weights, const char* name) noexcept TRT_PURE;
  virtual void setErrorRecorder(IErrorRecorder*) noexcept TRT_PURE;
  virtual IErrorRecorder* getErrorRecorder() const noexcept TRT_PURE;
#if TRT_GEN == 10 && !TRT_RTX
  TRT_SKIP(addDequantize);
  TRT_SKIP(addQuantize);
#endif
  TRT_SKIP(addGatherV2);
  TRT_SKIP(addIfConditional);
  TRT_SKIP(addScatter);
  TRT_SKIP(addEinsum);
  TRT_SKIP(addAssertion);
  TRT_SKIP(addOneHot);
  TRT_SKIP(addNonZero);
  TRT_SKIP(addGridSample);
  TRT_SKIP(addNMS);
  TRT_SKIP(addReverseSequence);
  TRT_SKIP(addNormalization);
  TRT_SKIP(addCast);
  virtual IBuilder& getBuilder() const noexcept TRT_PURE;
  virtual uint32_t getFlags() const noexcept TRT_PURE;
  virtual bool getFlag(NetworkDefinitionCreationFlag) const noexcept TRT_PURE;
  TRT_SKIP(addQuantizeV2);
  TRT_SKIP(addDequantizeV2);
  TRT_SKIP(addFillV2);
  virtual bool markDebug(ITensor&) noexcept TRT_PURE;
  virtual bool unmarkDebug(ITensor&) noexcept TRT_PURE;
  virtual bool isDebugTensor(const ITensor& tensor) const noexcept TRT_PURE;
  virtual bool markWeightsRefittable(const char* name) noexcept TRT_PURE;             // 10.2
  virtual bool unmarkWeightsRefittable(const char* name) noexcept TRT_PURE;           // 10.2
  virtual bool areWeightsMarkedRefittable(const char* name) const noexcept TRT_PURE;  // 10.2
  TRT_SKIP(addSqueeze);                                                               // 10.7
  TRT_SKIP(addUnsqueeze);                                                             // 10.7
  TRT_SKIP(addDynamicQuantize);                                                       // 10.8
  TRT_SKIP(addCumulative);                                                            // 10.8
  virtual bool markUnfusedTensorsAsDebugTensors() noexcept TRT_PURE;                  // 10.12
  virtual bool unmarkUnfusedTensorsAsDebugTensors() noexcept TRT_PURE;                // 10.12
  TRT_SKIP(addTopKV2);                                                                // 10.14
  TRT_SKIP(addNonZeroV2);                                                             // 10.14
  TRT_SKIP(addNMSV2);                                                                 // 10.14
  TRT_SKIP(addAttention);                                                             // 10.14
  TRT_SKIP(addRotaryEmbedding);                                                       // 10.15
  TRT_SKIP(addDynamicQuantizeV2);                                                     // 10.15
  TRT_SKIP(addKVCacheUpdate);                                                         // 10.15
  TRT_SKIP(addNormalizationV2);                                                       // 10.15
  TRT_SKIP(addMoE);                                                                   // 10.16, RTX 1.4
  TRT_SKIP(addDistCollective);                                                        // 10.16, RTX 1.4
#if TRT_GEN == 11
  TRT_SKIP(addAttentionV2);
  TRT_SKIP(addSqueezeV2);  // 11.4, RTX 1.7
#endif
};

}  // namespace TRT_NS

#endif  // TENSORRT_NODE_TENSORRT_ABI_NETWORK_H_
