/**
 * Every operator of ONNX up to operator set 21, with the versions from 8 on in which its definition changed after it had come
 * in. Most changes add element types or attributes whose default is what was before; the rest have a rule in rules.ts.
 *
 * @see https://github.com/onnx/onnx/blob/main/docs/Changelog.md
 */
const table = `
  Abs:13 Acos Acosh Add:13,14 AffineGrid And ArgMax:11,12,13 ArgMin:11,12,13 Asin Asinh Atan Atanh AveragePool:10,11,19
  BatchNormalization:9,14,15 Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast:9,13,19,21 CastLike:19,21
  Ceil:13 Celu CenterCropPad Clip:11,12,13 Col2Im Compress:11 Concat:11,13 ConcatFromSequence Constant:9,11,12,13,19,21
  ConstantOfShape:20,21 Conv:11 ConvInteger ConvTranspose:11 Cos Cosh CumSum:14 DFT:20 DeformConv DepthToSpace:11,13
  DequantizeLinear:13,19,21 Det Div:13,14 Dropout:10,12,13 DynamicQuantizeLinear Einsum Elu Equal:11,13,19 Erf:13 Exp:13 Expand:13
  EyeLike Flatten:9,11,13,21 Floor:13 GRU:14 Gather:11,13 GatherElements:13 GatherND:12,13 Gelu Gemm:9,11,13 GlobalAveragePool
  GlobalLpPool GlobalMaxPool Greater:9,13 GreaterOrEqual:16 GridSample:20 GroupNormalization:21 HammingWindow HannWindow HardSigmoid
  HardSwish Hardmax:11,13 Identity:13,14,16,19,21 If:11,13,16,19,21 ImageDecoder InstanceNormalization IsInf:20 IsNaN:13,20 LRN:13
  LSTM:14 LayerNormalization LeakyRelu:16 Less:9,13 LessOrEqual:16 Log:13 LogSoftmax:11,13 Loop:11,13,16,19,21 LpNormalization
  LpPool:11,18 MatMul:9,13 MatMulInteger Max:8,12,13 MaxPool:8,10,11,12 MaxRoiPool MaxUnpool:11 Mean:8,13 MeanVarianceNormalization:13
  MelWeightMatrix Min:8,12,13 Mish Mod:13 Mul:13,14 Multinomial Neg:13 NegativeLogLikelihoodLoss:13 NonMaxSuppression:11 NonZero:13 Not
  OneHot:11 Optional OptionalGetElement:18 OptionalHasElement:18 Or PRelu:9,16 Pad:11,13,18,19,21 Pow:12,13,15 QLinearConv
  QLinearMatMul:21 QuantizeLinear:13,19,21 RNN:14 RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal:13
  ReduceL1:11,13,18 ReduceL2:11,13,18 ReduceLogSum:11,13,18 ReduceLogSumExp:11,13,18 ReduceMax:11,12,13,18,20 ReduceMean:11,13,18
  ReduceMin:11,12,13,18,20 ReduceProd:11,13,18 ReduceSum:11,13 ReduceSumSquare:11,13,18 RegexFullMatch Relu:13,14 Reshape:13,14,19,21
  Resize:11,13,18,19 ReverseSequence RoiAlign:16 Round STFT Scan:9,11,16,19,21 Scatter:11 ScatterElements:13,16,18 ScatterND:13,16,18
  Selu SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape:13,15,19,21 Shrink
  Sigmoid:13 Sign:13 Sin Sinh Size:13,19,21 Slice:10,11,13 Softmax:11,13 SoftmaxCrossEntropyLoss:13 Softplus Softsign SpaceToDepth:13
  Split:11,13,18 SplitToSequence Sqrt:13 Squeeze:11,13,21 StringConcat StringNormalizer StringSplit Sub:13,14 Sum:8,13 Tan Tanh:13
  TfIdfVectorizer ThresholdedRelu Tile:13 TopK:10,11 Transpose:13,21 Trilu Unique Unsqueeze:11,13,21 Upsample:9,10 Where:16 Xor
`

/** By operator: the versions, ascending. */
export const changes: ReadonlyMap<string, readonly number[]> = new Map(
  table
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [name = '', versions] = entry.split(':')
      return [name, versions === undefined ? [] : versions.split(',').map(Number)]
    }),
)
